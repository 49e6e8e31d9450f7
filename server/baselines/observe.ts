import { type Destination, destinationOf } from './destination.ts';
import type { WorkloadOf } from './pod-names.ts';
import type { Connection } from './read-connections.ts';

/** What a page of connections says about one destination: the event that was first there, and the last time. */
export type Sighting = { readonly destination: Destination; first: Connection; lastMs: number };

/** What a page of connections says about one workload. */
export type Observed = {
  readonly namespace: string;
  readonly workload: string;
  firstMs: number;
  lastMs: number;
  /** Minute of Unix time → the first connection in it, inbound or outbound. */
  readonly minutes: Map<number, Connection>;
  /** By exact name; only outbound connections have a destination. */
  readonly destinations: Map<string, Sighting>;
};

export const MINUTE_MS = 60_000;

export function workloadKey(one: { readonly namespace: string; readonly workload: string }): string {
  return `${one.namespace}/${one.workload}`;
}

/** Sorts connections by workload, destination and minute, whatever the order they arrived in. */
export function observe(rows: readonly Connection[], workloadOf: WorkloadOf): ReadonlyMap<string, Observed> {
  const all = new Map<string, Observed>();
  for (const row of rows) {
    const { namespace, workload } = row;
    const timeMs = row.time.getTime();
    const key = workloadKey(row);
    let mine = all.get(key);
    if (mine === undefined) {
      const minutes = new Map<number, Connection>();
      mine = { namespace, workload, firstMs: timeMs, lastMs: timeMs, minutes, destinations: new Map() };
      all.set(key, mine);
    }
    mine.firstMs = Math.min(mine.firstMs, timeMs);
    mine.lastMs = Math.max(mine.lastMs, timeMs);
    const minute = Math.floor(timeMs / MINUTE_MS);
    const earlier = mine.minutes.get(minute);
    if (earlier === undefined || row.time < earlier.time) mine.minutes.set(minute, row);
    // The port of an inbound peer is a new one each time: no destination.
    if (row.type === 'connect' && row.object !== null) sight(mine.destinations, row, row.object, workloadOf);
  }
  return all;
}

function sight(
  known: Observed['destinations'],
  row: Connection,
  object: string,
  workloadOf: WorkloadOf,
): void {
  const destination = destinationOf(object, workloadOf);
  if (destination === undefined) return;
  const timeMs = row.time.getTime();
  const seen = known.get(destination.exact);
  if (seen === undefined) {
    known.set(destination.exact, { destination, first: row, lastMs: timeMs });
    return;
  }
  if (row.time < seen.first.time) seen.first = row;
  seen.lastMs = Math.max(seen.lastMs, timeMs);
}
