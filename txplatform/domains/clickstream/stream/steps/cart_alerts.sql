-- ABANDON: the share of abandoned carts of a final hour against that of the 24 hours before.
CREATE TEMPORARY TABLE candidate_hours ON COMMIT DROP AS
SELECT hour FROM clickstream.carts_hourly
WHERE hour > least(%(watermark)s, %(before)s) - interval '1 hour'
  AND hour <= greatest(%(watermark)s, %(before)s) - interval '1 hour'
UNION
SELECT hour + n * interval '1 hour' FROM changed_hours CROSS JOIN generate_series(0, 24) n
WHERE hour + n * interval '1 hour' <= greatest(%(watermark)s, %(before)s) - interval '1 hour';

INSERT INTO judged SELECT 'ABANDON', 'shop', hour FROM candidate_hours;

WITH shares AS (
    SELECT h.hour, h.n_decided, h.n_abandoned, h.n_abandoned::float8 / h.n_decided AS share,
           b.median, b.n_hours
    FROM candidate_hours c
    JOIN clickstream.carts_hourly h USING (hour)
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n_abandoned::float8 / n_decided)
                   AS median, count(*) AS n_hours
        FROM clickstream.carts_hourly
        WHERE hour < c.hour AND hour >= c.hour - interval '24 hours' AND n_decided > 0
    ) b
    WHERE h.n_decided > 0 AND b.n_hours >= 12 AND c.hour <= %(watermark)s - interval '1 hour'
)
INSERT INTO found (alert_id, rule, version, key, window_start, window_minutes, severity, observed,
                   usual, score, evidence)
SELECT '', 'ABANDON', r.version, 'shop', hour, 60, 'medium', share, median,
       share / greatest(median, 0.01),
       jsonb_build_object('decided', n_decided, 'abandoned', n_abandoned, 'share', share,
                          'median', median, 'hours', n_hours)
FROM shares
CROSS JOIN LATERAL (
    SELECT version, parameters FROM clickstream.stream_rules
    WHERE code = 'ABANDON' AND valid_from <= hour ORDER BY valid_from DESC, version DESC LIMIT 1
) r
WHERE n_decided >= (r.parameters ->> 'least_carts')::integer
  AND share > (r.parameters ->> 'factor')::float8 * median;
