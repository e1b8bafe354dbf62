-- Which lines are events that were not there before, and which of these are late.
-- A lateral look-up with OFFSET 0 and not NOT EXISTS, whose plan flips to a scan of all events;
-- and nothing but the id for an index, or a planner without statistics takes that of the offsets.
INSERT INTO clickstream.events_rejected (topic, partition, "offset", arrived_at, rule, raw)
SELECT %(topic)s, partition, "offset", arrived_at, rule, raw FROM incoming WHERE rule IS NOT NULL;

INSERT INTO accepted
SELECT seen.partition, "offset", arrived_at, rule, raw, event_id, event_time, type, customer_id,
       session_id, product_id, quantity, amount, currency, country,
       coalesce(event_time < newest - %(lateness)s, false),
       CASE WHEN event_time < newest - %(lateness)s
            THEN extract(epoch FROM newest - event_time) END
FROM (
    SELECT first.*, greatest(p.max_event_time, max(event_time) OVER before) AS newest
    FROM (
        SELECT DISTINCT ON (i.partition, i.event_id) i.*
        FROM incoming i
        LEFT JOIN LATERAL (
            SELECT true AS is_known FROM clickstream.events e
            WHERE e.event_id = i.event_id AND e.partition + 0 = i.partition
              AND e.topic || '' = %(topic)s
            OFFSET 0
        ) known ON true
        WHERE i.rule IS NULL AND known.is_known IS NULL
        ORDER BY i.partition, i.event_id, i."offset"
    ) first
    LEFT JOIN clickstream.stream_positions p
        ON p.topic = %(topic)s AND p.partition = first.partition
    WINDOW before AS (
        PARTITION BY first.partition ORDER BY "offset"
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) seen;
ANALYZE accepted;

INSERT INTO touched
SELECT e.session_id, e.event_time, e.type, e.country, e.quantity, e.amount, e.is_late, false
FROM (SELECT DISTINCT session_id FROM accepted) s
CROSS JOIN LATERAL (
    SELECT * FROM clickstream.events e WHERE e.session_id = s.session_id OFFSET 0
) e;
INSERT INTO touched
SELECT session_id, event_time, type, country, quantity, amount, is_late, true FROM accepted;
ANALYZE touched;

INSERT INTO clickstream.events
    (topic, partition, "offset", arrived_at, event_id, event_time, type, customer_id, session_id,
     product_id, quantity, amount, currency, country, is_late, late_by_seconds)
SELECT %(topic)s, partition, "offset", arrived_at, event_id, event_time, type, customer_id,
       session_id, product_id, quantity, amount, currency, country, is_late, late_by_seconds
FROM accepted;
