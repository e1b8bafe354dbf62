-- The funnel of each hour: what the touched visits add to it now, less what they added before.
WITH before AS (
    SELECT s.* FROM session_facts f
    CROSS JOIN LATERAL (
        SELECT * FROM clickstream.sessions s WHERE s.session_id = f.session_id OFFSET 0
    ) s
), steps AS (
    SELECT 1 AS sign, first_event_at, view_at, add_at, checkout_at, purchase_at, is_out_of_order
    FROM session_facts
    UNION ALL
    SELECT -1, first_event_at, view_at, add_at, checkout_at, purchase_at, is_out_of_order
    FROM before
)
INSERT INTO clickstream.funnel_hourly AS h
    (hour, n_view, n_add, n_checkout, n_purchase, n_out_of_order)
SELECT date_bin('1 hour', first_event_at, timestamptz '2000-01-01 00:00Z'),
       coalesce(sum(sign) FILTER (WHERE view_at IS NOT NULL), 0),
       coalesce(sum(sign) FILTER (WHERE add_at IS NOT NULL), 0),
       coalesce(sum(sign) FILTER (WHERE checkout_at IS NOT NULL), 0),
       coalesce(sum(sign) FILTER (WHERE purchase_at IS NOT NULL), 0),
       coalesce(sum(sign) FILTER (WHERE is_out_of_order), 0)
FROM steps GROUP BY 1
ON CONFLICT (hour) DO UPDATE SET
    n_view = h.n_view + excluded.n_view,
    n_add = h.n_add + excluded.n_add,
    n_checkout = h.n_checkout + excluded.n_checkout,
    n_purchase = h.n_purchase + excluded.n_purchase,
    n_out_of_order = h.n_out_of_order + excluded.n_out_of_order;

INSERT INTO clickstream.sessions AS s
    (session_id, first_event_at, view_at, add_at, checkout_at, purchase_at, is_out_of_order)
SELECT session_id, first_event_at, view_at, add_at, checkout_at, purchase_at, is_out_of_order
FROM session_facts
ON CONFLICT (session_id) DO UPDATE SET
    first_event_at = excluded.first_event_at, view_at = excluded.view_at,
    add_at = excluded.add_at, checkout_at = excluded.checkout_at,
    purchase_at = excluded.purchase_at, is_out_of_order = excluded.is_out_of_order
WHERE (s.first_event_at, s.view_at, s.add_at, s.checkout_at, s.purchase_at, s.is_out_of_order)
    IS DISTINCT FROM (excluded.first_event_at, excluded.view_at, excluded.add_at,
                      excluded.checkout_at, excluded.purchase_at, excluded.is_out_of_order);
