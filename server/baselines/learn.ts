import type { PoolClient } from 'pg';
import type { Ctx } from '../context.ts';
import { inTransaction } from '../ingest/store-batch.ts';
import { type Anomaly, limit, moreAnomalies, newDestinations, spikes } from './anomaly.ts';
import { type Cursor, lockCursor, writeCursor } from './cursor.ts';
import { recordDestinations } from './destinations.ts';
import { forget } from './forget.ts';
import { type Observed, observe, workloadKey } from './observe.ts';
import type { WorkloadOf } from './pod-names.ts';
import { readBusyMinutes, refreshRates } from './rates.ts';
import { readConnections } from './read-connections.ts';
import { storeAnomalies } from './store-anomalies.ts';
import { hourOf, LEARNING_MS, recordTold, recordWorkloads, takeUntold } from './workloads.ts';

/** A minute is judged when it is over, and an ingest transaction has committed long before this. */
export const SETTLE_MS = 60_000;
const RATES_EVERY_MS = 3_600_000;

export type Learnt = { readonly read: number; readonly anomalies: number; readonly more: boolean };

/**
 * One page: takes down where workloads connected to since the last page, and stores as events what is
 * outside their baselines. All of it is one transaction: after a crash the page is read again, and nothing of
 * it is there twice. Connections that came before the first run of all are learnt from and never anomalies.
 */
export async function learnConnections(ctx: Ctx, workloadOf: WorkloadOf): Promise<Learnt> {
  const { clusterId } = ctx.config;
  return inTransaction(ctx, async (client) => {
    const now = ctx.now();
    let cursor = await lockCursor(client, clusterId, now);
    if (now.getTime() - cursor.ratesAt.getTime() >= RATES_EVERY_MS) {
      await refreshRates(client, clusterId, now);
      await forget(client, clusterId, now);
      cursor = { ...cursor, ratesAt: now };
    }
    const anomalies = (await takeUntold(client, clusterId, now)).flatMap(moreAnomalies);
    const upTo = new Date(Math.max(cursor.upTo.getTime(), now.getTime() - SETTLE_MS));
    const page = await readConnections(client, { clusterId, since: cursor.upTo, upTo });
    const observed = observe(page.rows, workloadOf);
    // The one page on both sides of the beginning belongs to what came after it.
    anomalies.push(...(await judge(client, { clusterId, observed, now, tell: page.end > cursor.tellFrom })));
    const stored = await storeAnomalies(client, { clusterId, anomalies, now });
    await writeCursor(client, clusterId, { ...cursor, upTo: page.end } satisfies Cursor);
    return { read: page.rows.length, anomalies: stored, more: page.more };
  });
}

async function judge(
  client: PoolClient,
  input: {
    readonly clusterId: string;
    readonly observed: ReadonlyMap<string, Observed>;
    readonly now: Date;
    readonly tell: boolean;
  },
): Promise<readonly Anomaly[]> {
  const { clusterId, observed } = input;
  if (observed.size === 0) return [];
  const workloads = await recordWorkloads(client, clusterId, [...observed.values()]);
  const pairs = [...observed].flatMap(([key, seen]) => {
    const workload = workloads.get(key);
    return workload === undefined ? [] : [{ workload, seen }];
  });
  const places = pairs.map(({ workload, seen }) => ({
    workloadId: workload.id,
    sightings: [...seen.destinations.values()],
  }));
  const visits = await recordDestinations(client, places);
  if (!input.tell) return [];
  const grown = pairs.filter(({ workload, seen }) => seen.lastMs - workload.firstAt.getTime() >= LEARNING_MS);
  const busy = await readBusyMinutes(
    client,
    clusterId,
    grown.flatMap(({ seen }) => [...seen.minutes.keys()]),
  );
  const told: Anomaly[] = [];
  const counts: Parameters<typeof recordTold>[1][number][] = [];
  for (const { workload, seen } of grown) {
    const countIn = (minute: number) => busy.get(`${workloadKey(workload)} ${minute}`) ?? 0;
    // Spikes first: a flood of new destinations must not hide that it is one.
    const found = [
      ...spikes(workload, seen.minutes, countIn),
      ...newDestinations(workload, visits.get(workload.id) ?? []),
    ];
    if (found.length === 0) continue;
    const limited = limit(workload, found, hourOf(input.now));
    told.push(...limited.told);
    counts.push(limited.counts);
  }
  await recordTold(client, counts);
  return told;
}
