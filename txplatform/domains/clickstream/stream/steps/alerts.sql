-- What was judged against what was said: new alerts, corrected ones, and those that hold no more.
UPDATE found SET alert_id = left(encode(sha256(convert_to(concat_ws(
    '|', rule, version, key, extract(epoch FROM window_start)::bigint), 'UTF8')), 'hex'), 32);

CREATE TEMPORARY TABLE said ON COMMIT DROP AS
SELECT a.* FROM (SELECT DISTINCT rule, key, window_start FROM judged) j
CROSS JOIN LATERAL (
    SELECT * FROM clickstream.stream_alerts a
    WHERE a.window_start = j.window_start AND a.key = j.key AND a.rule = j.rule
    OFFSET 0
) a;

CREATE TEMPORARY TABLE corrected ON COMMIT DROP AS
SELECT s.* FROM said s LEFT JOIN found f USING (alert_id)
WHERE s.is_active IS DISTINCT FROM (f.alert_id IS NOT NULL)
   OR (s.observed, s.usual, s.score) IS DISTINCT FROM
      (coalesce(f.observed, s.observed), coalesce(f.usual, s.usual), coalesce(f.score, s.score));

INSERT INTO clickstream.stream_alerts_history
    (alert_id, rule, version, key, window_start, window_minutes, severity, observed, usual, score,
     evidence, is_active, replaced_at)
SELECT alert_id, rule, version, key, window_start, window_minutes, severity, observed, usual,
       score, evidence, is_active, clock_timestamp()
FROM corrected;

UPDATE clickstream.stream_alerts a SET is_active = false, superseded_at = clock_timestamp()
FROM corrected c LEFT JOIN found f USING (alert_id)
WHERE a.alert_id = c.alert_id AND f.alert_id IS NULL AND a.is_active;

INSERT INTO clickstream.stream_alerts AS a
    (alert_id, rule, version, key, window_start, window_minutes, severity, observed, usual, score,
     evidence, is_active, raised_at)
SELECT alert_id, rule, version, key, window_start, window_minutes, severity, observed, usual,
       score, evidence, true, clock_timestamp()
FROM found
ON CONFLICT (alert_id) DO UPDATE SET
    observed = excluded.observed, usual = excluded.usual, score = excluded.score,
    evidence = excluded.evidence, is_active = true, superseded_at = NULL
WHERE NOT a.is_active OR (a.observed, a.usual, a.score)
    IS DISTINCT FROM (excluded.observed, excluded.usual, excluded.score);
