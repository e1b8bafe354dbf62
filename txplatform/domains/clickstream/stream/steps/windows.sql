-- New events into their windows of 1, 5 and 60 minutes; a corrected final window is kept as it was.
-- A session is new to a window if it has no older event of that type and country in it.
INSERT INTO window_changes
SELECT minutes, window_start, type, country, sum(n), count(*) FILTER (WHERE is_first),
       sum(amount), sum(n_late)
FROM (
    SELECT size.minutes, date_bin(size.length, t.event_time, timestamptz '2000-01-01 00:00Z')
               AS window_start,
           t.type, t.country, t.session_id, bool_and(t.is_new) AS is_first,
           count(*) FILTER (WHERE t.is_new) AS n, sum(t.amount) FILTER (WHERE t.is_new) AS amount,
           count(*) FILTER (WHERE t.is_new AND t.is_late) AS n_late
    FROM touched t
    CROSS JOIN (VALUES (1, interval '1 minute'), (5, interval '5 minutes'),
                       (60, interval '1 hour')) size (minutes, length)
    GROUP BY 1, 2, 3, 4, 5
    HAVING bool_or(t.is_new)
) visits
GROUP BY 1, 2, 3, 4;

INSERT INTO clickstream.activity_windows_history
    (window_minutes, window_start, type, country, n_events, n_sessions, amount, n_late, is_final,
     revision, replaced_at)
SELECT w.*, clock_timestamp()
FROM window_changes c
CROSS JOIN LATERAL (
    SELECT * FROM clickstream.activity_windows w
    WHERE w.window_minutes = c.window_minutes AND w.window_start = c.window_start
      AND w.type = c.type AND w.country = c.country AND w.is_final
    OFFSET 0
) w;

INSERT INTO clickstream.activity_windows AS w
    (window_minutes, window_start, type, country, n_events, n_sessions, amount, n_late, is_final,
     revision)
SELECT c.*, c.window_start + make_interval(mins => c.window_minutes) <= %(watermark)s,
       (c.window_start + make_interval(mins => c.window_minutes) <= %(before)s)::integer
FROM window_changes c
ON CONFLICT (window_minutes, window_start, type, country) DO UPDATE SET
    n_events = w.n_events + excluded.n_events,
    n_sessions = w.n_sessions + excluded.n_sessions,
    amount = w.amount + excluded.amount,
    n_late = w.n_late + excluded.n_late,
    is_final = excluded.is_final,
    revision = w.revision + w.is_final::integer;

-- The watermark may also go back, when a partition that was silent speaks again.
UPDATE clickstream.activity_windows w
SET is_final = w.window_start + size.length <= %(watermark)s
FROM (VALUES (1, interval '1 minute'), (5, interval '5 minutes'), (60, interval '1 hour'))
    size (minutes, length)
WHERE w.window_minutes = size.minutes
  AND w.window_start > least(%(watermark)s, %(before)s) - size.length
  AND w.window_start <= greatest(%(watermark)s, %(before)s) - size.length;
