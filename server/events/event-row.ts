import type { FieldValue } from '../../core/events/event.ts';
import type { EventDetail, EventRow } from '../../core/wire/events.ts';

/** ISO time with microseconds: with it and the id a row is found again exactly. */
export const TIME_SQL = `to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Select list of an EventRow. */
export const ROW_COLUMNS = `shard || '.' || id AS id, ${TIME_SQL} AS time, source, type, categories, outcome,
  priority, rule, tags, summary, node, namespace, pod, container, container_id AS "containerId", workload,
  "user", process, pid, peer, object`;

/** A stored event with the columns that lists leave out. */
export type FullEvent = {
  readonly row: EventRow;
  readonly output: string | null;
  readonly image: string | null;
  readonly podUid: string | null;
  readonly serviceAccount: string | null;
  readonly enrichment: EventDetail['enrichment'];
  readonly agentId: string;
  readonly receivedAt: Date;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly raw: unknown;
};
