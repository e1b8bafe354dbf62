-- How far each partition is read, and where its lines went.
INSERT INTO clickstream.stream_positions AS p
    (topic, partition, next_offset, max_event_time, max_arrived_at, rows_read, rows_accepted,
     rows_duplicate, rows_conflict, rows_refused, rows_late)
SELECT %(topic)s, read.partition, read.next_offset, taken.newest, read.arrived, read.n,
       coalesce(taken.n, 0), coalesce(again.n_same, 0), coalesce(again.n_other, 0), read.n_refused,
       coalesce(taken.n_late, 0)
FROM (
    SELECT partition, max("offset") + 1 AS next_offset, max(arrived_at) AS arrived, count(*) AS n,
           count(rule) AS n_refused
    FROM incoming GROUP BY partition
) read
LEFT JOIN (
    SELECT partition, max(event_time) AS newest, count(*) AS n,
           count(*) FILTER (WHERE is_late) AS n_late
    FROM accepted GROUP BY partition
) taken USING (partition)
LEFT JOIN (
    SELECT partition, count(*) FILTER (WHERE NOT is_conflict) AS n_same,
           count(*) FILTER (WHERE is_conflict) AS n_other
    FROM repeated GROUP BY partition
) again USING (partition)
ON CONFLICT (topic, partition) DO UPDATE SET
    next_offset = excluded.next_offset,
    max_event_time = greatest(p.max_event_time, excluded.max_event_time),
    max_arrived_at = greatest(p.max_arrived_at, excluded.max_arrived_at),
    rows_read = p.rows_read + excluded.rows_read,
    rows_accepted = p.rows_accepted + excluded.rows_accepted,
    rows_duplicate = p.rows_duplicate + excluded.rows_duplicate,
    rows_conflict = p.rows_conflict + excluded.rows_conflict,
    rows_refused = p.rows_refused + excluded.rows_refused,
    rows_late = p.rows_late + excluded.rows_late;
