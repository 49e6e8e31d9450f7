/** ISO time with microseconds: with it and the id a row is found again exactly. */
export const TIME_SQL = `to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Select list of an EventRow. */
export const ROW_COLUMNS = `shard || '.' || id AS id, ${TIME_SQL} AS time, source, type, categories, outcome,
  priority, rule, tags, summary, node, namespace, pod, container, container_id AS "containerId", workload,
  "user", process, pid, peer, object`;
