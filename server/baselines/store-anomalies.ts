import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { copyRows } from '../ingest/copy-rows.ts';
import type { EventRow } from '../ingest/copy-text.ts';
import type { EventItem } from '../ingest/event-id.ts';
import { RollupDelta } from '../ingest/rollup.ts';
import { notify } from '../ingest/store-batch.ts';
import type { Anomaly } from './anomaly.ts';

/** Stream of the events that the server makes itself; no process sends heartbeats for it. */
const BASELINES_AGENT_ID = '00000000-0000-8000-8000-00000000a0d2';
const NOTICE = 5;
const SUMMARY_MAX = 1_024;

/** Columns of the causing event that its anomaly takes over. */
type Cause = Pick<EventItem, 'enrichment' | 'fields'> & {
  readonly id: string;
  readonly shard: number;
  readonly [column: string]: unknown;
};
const TAKEN = [
  'node',
  'namespace',
  'pod',
  'podUid',
  'container',
  'containerId',
  'image',
  'workload',
  'serviceAccount',
  'user',
  'process',
  'pid',
  'peer',
  'object',
] as const satisfies readonly (keyof EventItem)[];
const TAKEN_SQL = TAKEN.map(
  (name) => `e."${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}" AS "${name}"`,
).join(', ');

/** Stores anomalies as events the way ingest does, in the transaction of what made them. Returns how many are new. */
export async function storeAnomalies(
  client: PoolClient,
  input: { readonly clusterId: string; readonly anomalies: readonly Anomaly[]; readonly now: Date },
): Promise<number> {
  const { clusterId, now } = input;
  const rows = await withoutStored(client, clusterId, input.anomalies);
  if (rows.length === 0) return 0;
  const causes = await readCauses(client, clusterId, rows);
  const byShard = new Map<number, EventRow[]>();
  for (const { id, anomaly } of rows) {
    // Retention or a fault may have taken the event since; without it nobody can look into the anomaly.
    const cause = causes.get(anomaly.cause.id);
    if (cause === undefined) continue;
    const mine = byShard.get(cause.shard) ?? [];
    byShard.set(cause.shard, mine);
    mine.push({ seq: 0, id, item: toItem(anomaly, cause), timeMs: anomaly.timeMs });
  }
  let stored = 0;
  for (const [shard, list] of [...byShard].sort(([a], [b]) => a - b)) {
    const stream = { shard, clusterId, agentId: BASELINES_AGENT_ID, epoch: 0, receivedAt: now };
    const copied = await copyRows(client, { ...stream, rows: list });
    const delta = new RollupDelta();
    for (const { item, timeMs } of copied.rows) delta.add(item, Math.floor(timeMs / 60_000));
    await delta.store(client, shard, clusterId);
    await notify(client, clusterId, copied.rows);
    stored += copied.rows.length;
  }
  return stored;
}

type Numbered = { readonly id: string; readonly anomaly: Anomaly };

async function withoutStored(
  client: PoolClient,
  clusterId: string,
  anomalies: readonly Anomaly[],
): Promise<readonly Numbered[]> {
  if (anomalies.length === 0) return [];
  const rows = anomalies.map((anomaly) => ({ id: anomalyId(clusterId, anomaly), anomaly }));
  const found = await client.query<{ id: string }>(
    `SELECT e.id FROM unnest($2::uuid[], $3::timestamptz[]) AS k(id, time)
       JOIN event e ON e.time = k.time AND e.id = k.id
      WHERE e.cluster_id = $1 AND e.time >= $4 AND e.time <= $5`,
    [
      clusterId,
      rows.map(({ id }) => id),
      rows.map(({ anomaly }) => new Date(anomaly.timeMs)),
      ...bounds(anomalies.map(({ timeMs }) => timeMs)),
    ],
  );
  const stored = new Set(found.rows.map(({ id }) => id));
  return rows.filter(({ id }) => !stored.has(id));
}

async function readCauses(
  client: PoolClient,
  clusterId: string,
  rows: readonly Numbered[],
): Promise<ReadonlyMap<string, Cause>> {
  const causes = rows.map(({ anomaly }) => anomaly.cause);
  const found = await client.query<Cause>(
    `SELECT e.id, e.shard, e.enrichment, e.fields, ${TAKEN_SQL}
       FROM unnest($2::uuid[], $3::timestamptz[]) AS k(id, time)
       JOIN event e ON e.time >= k.time AND e.time < k.time + interval '1 millisecond' AND e.id = k.id
      WHERE e.cluster_id = $1 AND e.time >= $4 AND e.time < $5::timestamptz + interval '1 millisecond'`,
    [
      clusterId,
      causes.map(({ id }) => id),
      causes.map(({ timeMs }) => new Date(timeMs)),
      ...bounds(causes.map(({ timeMs }) => timeMs)),
    ],
  );
  return new Map(found.rows.map((cause) => [cause.id, cause]));
}

function toItem(anomaly: Anomaly, cause: Cause): EventItem {
  const kept = Object.entries(cause.fields).filter(([name]) => !name.startsWith('evt.'));
  const columns = TAKEN.flatMap((name) => (cause[name] === null ? [] : [[name, cause[name]]]));
  return {
    k: 'event',
    timeNs: `${anomaly.timeMs}000000`,
    source: 'syscall',
    type: anomaly.type,
    categories: ['anomalous_connection'],
    outcome: 'ok',
    priority: NOTICE,
    summary: anomaly.summary.slice(0, SUMMARY_MAX),
    ...(Object.fromEntries(columns) as Partial<Pick<EventItem, (typeof TAKEN)[number]>>),
    enrichment: cause.enrichment,
    fields: { ...Object.fromEntries(kept), 'evt.type': anomaly.type, ...anomaly.fields },
  };
}

/** The same anomaly has the same id, whenever and by whichever replica it is found. Shape: UUID version 8. */
function anomalyId(clusterId: string, { type, key }: Anomaly): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([clusterId, type, ...key]))
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function bounds(times: readonly number[]): [Date, Date] {
  return [new Date(times.reduce((a, b) => Math.min(a, b))), new Date(times.reduce((a, b) => Math.max(a, b)))];
}
