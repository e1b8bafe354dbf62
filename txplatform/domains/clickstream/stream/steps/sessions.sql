-- What each touched visit did, from all its events: the steps in order, and its cart.
INSERT INTO session_facts
SELECT session_id, min(event_time), min(view_at), min(add_at), min(checkout_at), min(purchase_at),
       (bool_or(type = 'add') AND min(add_at) IS NULL)
           OR (bool_or(type = 'checkout') AND min(checkout_at) IS NULL)
           OR (bool_or(type = 'purchase') AND min(purchase_at) IS NULL),
       min(last_cart_at),
       coalesce(sum(quantity) FILTER (WHERE type = 'add' AND is_of_cart), 0),
       coalesce(sum(quantity) FILTER (WHERE type = 'remove' AND is_of_cart), 0),
       coalesce(sum(amount) FILTER (WHERE type = 'add' AND is_of_cart), 0)
           - coalesce(sum(amount) FILTER (WHERE type = 'remove' AND is_of_cart), 0),
       min(event_time) FILTER (WHERE type = 'purchase' AND event_time >= last_cart_at)
FROM (
    SELECT *, min(event_time) FILTER (WHERE type = 'purchase' AND event_time >= checkout_at)
                  OVER visit AS purchase_at,
           coalesce(event_time > bought_before_at, true) AS is_of_cart
    FROM (
        SELECT *, min(event_time) FILTER (WHERE type = 'checkout' AND event_time >= add_at)
                      OVER visit AS checkout_at,
               max(event_time) FILTER (WHERE type = 'purchase' AND event_time < last_cart_at)
                   OVER visit AS bought_before_at
        FROM (
            SELECT *, min(event_time) FILTER (WHERE type = 'add' AND event_time >= view_at)
                          OVER visit AS add_at
            FROM (
                SELECT session_id, event_time, type, quantity, amount,
                       min(event_time) FILTER (WHERE type = 'view') OVER visit AS view_at,
                       max(event_time) FILTER (WHERE type IN ('add', 'remove', 'checkout'))
                           OVER visit AS last_cart_at
                FROM touched
                WINDOW visit AS (PARTITION BY session_id)
            ) looked
            WINDOW visit AS (PARTITION BY session_id)
        ) filled
        WINDOW visit AS (PARTITION BY session_id)
    ) left_or_paid
    WINDOW visit AS (PARTITION BY session_id)
) steps
GROUP BY session_id;
ANALYZE session_facts;
