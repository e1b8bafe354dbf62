-- RATE and SILENCE: final five-minute windows against what is usual for their type and country.
-- Judged are windows that became final, or not final again, and those that a change reaches.
CREATE TEMPORARY TABLE candidates ON COMMIT DROP AS
SELECT DISTINCT aw.type, aw.country, aw.window_start + s.shift AS window_start
FROM shifts s
CROSS JOIN LATERAL (
    SELECT type, country, window_start FROM clickstream.activity_windows
    WHERE window_minutes = 5
      AND window_start > %(judged_from)s - interval '5 minutes' - s.shift
      AND window_start <= greatest(%(watermark)s, %(before)s) - interval '5 minutes' - s.shift
    OFFSET 0
) aw
UNION
SELECT c.type, c.country, c.window_start + s.shift
FROM window_changes c CROSS JOIN shifts s
WHERE c.window_minutes = 5
  AND c.window_start + s.shift <= greatest(%(watermark)s, %(before)s) - interval '5 minutes';

INSERT INTO judged
SELECT rule, type || ' ' || country, window_start
FROM candidates CROSS JOIN (VALUES ('RATE'), ('SILENCE')) rules (rule);

WITH counts AS (
    SELECT c.type, c.country, c.window_start, s.kind, coalesce(aw.n_events, 0)::float8 AS n
    FROM candidates c
    CROSS JOIN shifts s
    LEFT JOIN LATERAL (
        SELECT n_events FROM clickstream.activity_windows
        WHERE window_minutes = 5 AND window_start = c.window_start - s.shift
          AND type = c.type AND country = c.country
        OFFSET 0
    ) aw ON true
    WHERE c.window_start <= %(watermark)s - interval '5 minutes'
      AND c.window_start - s.shift
          >= date_bin('5 minutes', %(first_event_at)s, timestamptz '2000-01-01 00:00Z')
), baselines AS (
    SELECT type, country, window_start,
           CASE WHEN count(*) FILTER (WHERE kind = 'weekly') >= 3 THEN 'weekly'
                WHEN count(*) FILTER (WHERE kind = 'recent') >= 12 THEN 'recent' END AS kind
    FROM counts GROUP BY 1, 2, 3
), medians AS (
    SELECT type, country, window_start, kind, count(*) AS n_windows,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS median
    FROM counts JOIN baselines USING (type, country, window_start, kind)
    GROUP BY 1, 2, 3, 4
), spreads AS (
    SELECT type, country, window_start, m.kind, n_windows, median,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(n - median)) AS mad
    FROM counts JOIN medians m USING (type, country, window_start, kind)
    GROUP BY 1, 2, 3, 4, 5, 6
), scores AS (
    SELECT s.*, c.n AS x,
           (c.n - median) / greatest(1.4826 * mad, sqrt(greatest(median, 1))) AS z
    FROM spreads s JOIN counts c USING (type, country, window_start)
    WHERE c.kind = 'now'
)
INSERT INTO found (alert_id, rule, version, key, window_start, window_minutes, severity, observed,
                   usual, score, evidence)
SELECT '', r.code, r.version, type || ' ' || country, window_start, 5,
       CASE r.code WHEN 'RATE' THEN 'medium' ELSE 'high' END, x, median, z,
       jsonb_build_object('x', x, 'median', median, 'mad', mad, 'z', z, 'windows', n_windows,
                          'compared_with', kind)
FROM scores
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (code) code, version, parameters FROM clickstream.stream_rules
    WHERE code IN ('RATE', 'SILENCE') AND valid_from <= window_start
    ORDER BY code, valid_from DESC, version DESC
) r
WHERE CASE r.code
    WHEN 'RATE' THEN z > (r.parameters ->> 'z')::float8
    ELSE z < -(r.parameters ->> 'z')::float8
        AND median >= (r.parameters ->> 'least_median')::float8 END;
