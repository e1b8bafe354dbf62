-- What is neither refused nor accepted came before: the same (duplicate) or another (conflict).
WITH leftover AS (
    SELECT i.*, (e.event_time, e.type, e.customer_id, e.session_id, e.product_id, e.quantity,
                 e.amount, e.currency, e.country)
            IS DISTINCT FROM
                (i.event_time, i.type, i.customer_id, i.session_id, i.product_id, i.quantity,
                 i.amount, i.currency, i.country) AS is_conflict
    FROM incoming i
    LEFT JOIN accepted a ON a.partition = i.partition AND a."offset" = i."offset"
    CROSS JOIN LATERAL (
        SELECT * FROM clickstream.events e
        WHERE e.event_id = i.event_id AND e.partition + 0 = i.partition
          AND e.topic || '' = %(topic)s
        OFFSET 0
    ) e
    WHERE i.rule IS NULL AND a."offset" IS NULL
), kept AS (
    INSERT INTO clickstream.event_conflicts
        (topic, partition, "offset", arrived_at, event_id, event_time, type, customer_id,
         session_id, product_id, quantity, amount, currency, country)
    SELECT %(topic)s, partition, "offset", arrived_at, event_id, event_time, type, customer_id,
           session_id, product_id, quantity, amount, currency, country
    FROM leftover WHERE is_conflict
)
INSERT INTO repeated SELECT partition, is_conflict FROM leftover;
