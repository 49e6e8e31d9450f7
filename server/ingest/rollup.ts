import type { PoolClient } from 'pg';
import type { EventItem } from './event-id.ts';

type Key = {
  readonly minute: number;
  readonly metric: string;
  readonly source: string;
  readonly priority: number;
  readonly rule: string;
  readonly namespace: string;
  readonly workload: string;
};
type Counted = Key & { count: number };

/** What a rollup needs of an event. */
export type Countable = Pick<EventItem, 'source' | 'categories' | 'priority'> & {
  readonly rule?: string | null | undefined;
  readonly namespace?: string | null | undefined;
  readonly workload?: string | null | undefined;
};

/** More distinct keys than this in one batch means hostile or runaway names; workloads are then left out. */
const KEYS_MAX = 4_000;
/** Three labels and the rest must fit a btree entry of 2,704 bytes; 600 bytes are 150 characters of any kind. */
const LABEL_BYTES_MAX = 600;

/** Sums what a batch adds to the minute counts. */
export class RollupDelta {
  #counts = new Map<string, Counted>();
  #withWorkload = true;

  add(event: Countable, minute: number, count = 1): void {
    const { source, priority } = event;
    const rule = label(event.rule);
    const namespace = label(event.namespace);
    const workload = this.#withWorkload ? label(event.workload) : '';
    this.#count({ minute, metric: 'event', source, priority, rule, namespace, workload, count });
    for (const metric of event.categories) {
      this.#count({ minute, metric, source, priority, rule, namespace, workload, count });
    }
    if (this.#withWorkload && this.#counts.size > KEYS_MAX) this.#dropWorkloads();
  }

  /** One sorted upsert: transactions that meet on the same keys lock them in the same order. */
  async store(client: PoolClient, shard: number, clusterId: string): Promise<void> {
    const rows = [...this.#counts].filter(([, row]) => row.count !== 0);
    if (rows.length === 0) return;
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    const column = <T>(pick: (row: Counted) => T) => rows.map(([, row]) => pick(row));
    await client.query({
      name: 'rollup-upsert',
      text: `INSERT INTO event_rollup
               (shard, cluster_id, minute, metric, source, priority, rule, namespace, workload, count)
             SELECT $1::smallint, $2::text, to_timestamp(k.minute), k.metric, k.source, k.priority, k.rule,
                    k.namespace, k.workload, k.count
               FROM unnest($3::bigint[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[],
                           $9::text[], $10::bigint[])
                 AS k(minute, metric, source, priority, rule, namespace, workload, count)
             ON CONFLICT (shard, cluster_id, minute, metric, source, priority, rule, namespace, workload)
             DO UPDATE SET count = event_rollup.count + EXCLUDED.count`,
      values: [
        shard,
        clusterId,
        column((row) => row.minute * 60),
        column((row) => row.metric),
        column((row) => row.source),
        column((row) => row.priority),
        column((row) => row.rule),
        column((row) => row.namespace),
        column((row) => row.workload),
        column((row) => row.count),
      ],
    });
  }

  #count(row: Counted): void {
    const key = `${row.minute}\0${row.metric}\0${row.source}\0${row.priority}\0${row.rule}\0${row.namespace}\0${row.workload}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, row);
    else known.count += row.count;
  }

  #dropWorkloads(): void {
    const rows = [...this.#counts.values()];
    this.#withWorkload = false;
    this.#counts = new Map();
    for (const row of rows) this.#count({ ...row, workload: '' });
  }
}

/** A label as it can be part of an index entry: absent is '', overlong is cut at a character. */
function label(value: string | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (value.length <= LABEL_BYTES_MAX / 4 || Buffer.byteLength(value) <= LABEL_BYTES_MAX) return value;
  const cut = Buffer.from(value).subarray(0, LABEL_BYTES_MAX).toString('utf8');
  return cut.replace(/\ufffd+$/, '');
}
