-- VELOCITY: more events of one visit within any 60 seconds than a person makes.
INSERT INTO clickstream.session_bursts AS b (session_id, minute, n_events)
SELECT session_id, date_bin('1 minute', event_time, timestamptz '2000-01-01 00:00Z'), max(n)
FROM (
    SELECT session_id, event_time, count(*) OVER (
        PARTITION BY session_id ORDER BY event_time
        RANGE BETWEEN interval '59.999 seconds' PRECEDING AND CURRENT ROW) AS n
    FROM touched
    WHERE session_id IN (SELECT session_id FROM touched GROUP BY 1 HAVING count(*) > 10)
) bursts
WHERE n > 10
GROUP BY 1, 2
ON CONFLICT (session_id, minute) DO UPDATE SET n_events = excluded.n_events
WHERE b.n_events <> excluded.n_events;

CREATE TEMPORARY TABLE candidate_bursts ON COMMIT DROP AS
SELECT * FROM clickstream.session_bursts
WHERE minute > least(%(watermark)s, %(before)s) - interval '1 minute'
  AND minute <= greatest(%(watermark)s, %(before)s) - interval '1 minute'
UNION
SELECT b.* FROM (SELECT DISTINCT session_id FROM touched) t
CROSS JOIN LATERAL (
    SELECT * FROM clickstream.session_bursts b WHERE b.session_id = t.session_id OFFSET 0
) b;

INSERT INTO judged SELECT 'VELOCITY', session_id, minute FROM candidate_bursts;

INSERT INTO found (alert_id, rule, version, key, window_start, window_minutes, severity, observed,
                   usual, score, evidence)
SELECT '', 'VELOCITY', r.version, session_id, minute, 1, 'low', n_events,
       (r.parameters ->> 'most_events')::integer, n_events,
       jsonb_build_object('events_in_60_seconds', n_events)
FROM candidate_bursts
CROSS JOIN LATERAL (
    SELECT version, parameters FROM clickstream.stream_rules
    WHERE code = 'VELOCITY' AND valid_from <= minute ORDER BY valid_from DESC, version DESC LIMIT 1
) r
WHERE n_events > (r.parameters ->> 'most_events')::integer
  AND minute <= %(watermark)s - interval '1 minute';
