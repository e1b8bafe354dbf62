-- Carts of touched visits, and those that fell due: bought in time, left, bought later, or open.
INSERT INTO carts_before
SELECT c.* FROM session_facts f
CROSS JOIN LATERAL (
    SELECT * FROM clickstream.carts c WHERE c.session_id = f.session_id OFFSET 0
) c
WHERE f.last_cart_at IS NOT NULL
UNION
SELECT * FROM clickstream.carts
WHERE due_at > least(%(watermark)s, %(before)s) AND due_at <= greatest(%(watermark)s, %(before)s);

WITH facts AS (
    SELECT session_id, items_added, items_removed, value, last_cart_at,
           last_cart_at + %(patience)s AS due_at, purchased_at
    FROM session_facts WHERE last_cart_at IS NOT NULL
    UNION ALL
    SELECT b.session_id, b.items_added, b.items_removed, b.value, b.last_cart_at, b.due_at,
           b.purchased_at
    FROM carts_before b LEFT JOIN session_facts f USING (session_id) WHERE f.session_id IS NULL
), judged AS (
    SELECT *, CASE
        WHEN purchased_at < due_at THEN 'purchased'
        WHEN items_added <= items_removed THEN 'emptied'
        WHEN due_at > %(watermark)s THEN 'open'
        WHEN purchased_at IS NOT NULL THEN 'recovered'
        ELSE 'abandoned' END AS status
    FROM facts
)
INSERT INTO clickstream.carts AS c
    (session_id, items_added, items_removed, value, last_cart_at, due_at, purchased_at, status,
     abandoned_at)
SELECT *, CASE WHEN status IN ('recovered', 'abandoned') THEN due_at END FROM judged
ON CONFLICT (session_id) DO UPDATE SET
    items_added = excluded.items_added, items_removed = excluded.items_removed,
    value = excluded.value, last_cart_at = excluded.last_cart_at, due_at = excluded.due_at,
    purchased_at = excluded.purchased_at, status = excluded.status,
    abandoned_at = excluded.abandoned_at
WHERE (c.items_added, c.items_removed, c.value, c.last_cart_at, c.purchased_at, c.status)
    IS DISTINCT FROM (excluded.items_added, excluded.items_removed, excluded.value,
                      excluded.last_cart_at, excluded.purchased_at, excluded.status);

INSERT INTO clickstream.carts_history
    (session_id, value, due_at, status, abandoned_at, replaced_at)
SELECT b.session_id, b.value, b.due_at, b.status, b.abandoned_at, clock_timestamp()
FROM carts_before b
CROSS JOIN LATERAL (
    SELECT status, due_at FROM clickstream.carts c WHERE c.session_id = b.session_id OFFSET 0
) c
WHERE b.status IN ('purchased', 'abandoned', 'recovered')
  AND (b.status, b.due_at) IS DISTINCT FROM (c.status, c.due_at);

WITH counted AS (
    SELECT 1 AS sign, c.due_at, c.status
    FROM (SELECT session_id FROM carts_before UNION SELECT session_id FROM session_facts) t
    CROSS JOIN LATERAL (
        SELECT due_at, status FROM clickstream.carts c WHERE c.session_id = t.session_id OFFSET 0
    ) c
    UNION ALL
    SELECT -1, due_at, status FROM carts_before
), changes AS (
    SELECT date_bin('1 hour', due_at, timestamptz '2000-01-01 00:00Z') AS hour,
           sum(sign) AS n_decided,
           coalesce(sum(sign) FILTER (WHERE status <> 'purchased'), 0) AS n_abandoned
    FROM counted WHERE status IN ('purchased', 'abandoned', 'recovered')
    GROUP BY 1
), noted AS (
    INSERT INTO changed_hours SELECT hour FROM changes WHERE n_decided <> 0 OR n_abandoned <> 0
)
INSERT INTO clickstream.carts_hourly AS h (hour, n_decided, n_abandoned)
SELECT hour, n_decided, n_abandoned FROM changes WHERE n_decided <> 0 OR n_abandoned <> 0
ON CONFLICT (hour) DO UPDATE SET
    n_decided = h.n_decided + excluded.n_decided,
    n_abandoned = h.n_abandoned + excluded.n_abandoned;
