-- Tables of one connection in which a batch is worked on; emptied by every commit.
CREATE TEMPORARY TABLE incoming (
    partition integer, "offset" bigint, arrived_at timestamptz, rule text, raw text,
    event_id uuid, event_time timestamptz, type text, customer_id text, session_id text,
    product_id text, quantity integer, amount numeric(11, 2), currency text, country text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE accepted (
    LIKE incoming, is_late boolean, late_by_seconds numeric(13, 3)
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE repeated (partition integer, is_conflict boolean) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE touched (
    session_id text, event_time timestamptz, type text, country text, quantity integer,
    amount numeric(11, 2), is_late boolean, is_new boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE window_changes (
    window_minutes integer, window_start timestamptz, type text, country text,
    n_events bigint, n_sessions bigint, amount numeric(18, 2), n_late bigint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE session_facts (
    session_id text, first_event_at timestamptz, view_at timestamptz, add_at timestamptz,
    checkout_at timestamptz, purchase_at timestamptz, is_out_of_order boolean,
    last_cart_at timestamptz, items_added bigint, items_removed bigint, value numeric(18, 2),
    purchased_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE carts_before (LIKE clickstream.carts) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE changed_hours (hour timestamptz) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE judged (rule text, key text, window_start timestamptz)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE found ON COMMIT DELETE ROWS AS
SELECT alert_id, rule, version, key, window_start, window_minutes, severity, observed, usual,
       score, evidence
FROM clickstream.stream_alerts WITH NO DATA;
CREATE TEMPORARY TABLE shifts (kind text, shift interval);
INSERT INTO shifts VALUES ('now', '0');
INSERT INTO shifts SELECT 'recent', n * interval '5 minutes' FROM generate_series(1, 24) n;
INSERT INTO shifts SELECT 'weekly', n * interval '7 days' FROM generate_series(1, 4) n;
