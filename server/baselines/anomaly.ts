import type { FieldValue } from '../../core/events/event.ts';
import type { Visit } from './destinations.ts';
import { MINUTE_MS, workloadKey } from './observe.ts';
import type { Connection } from './read-connections.ts';
import { spikeThreshold } from './robust.ts';
import { LEARNING_MS, type Workload } from './workloads.ts';

export const KEEP_DAYS = 30;
/** Anomalies of one workload that are told in an hour; of further ones only the number. */
export const TOLD_MAX = 20;
/** A median of fewer minutes says nothing. */
const MINUTES_MIN = 10;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One thing outside a baseline, on its way to be an event. */
export type Anomaly = {
  readonly type: 'new_destination' | 'connection_spike' | 'more_anomalies';
  /** What makes it this one: the event's id is the hash of it. */
  readonly key: readonly string[];
  readonly timeMs: number;
  /** The event that stands for it: its pod, process and peer become those of the anomaly. */
  readonly cause: { readonly id: string; readonly timeMs: number };
  readonly summary: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
};

/** An anomaly for each new destination, once the workload is no longer learning. */
export function newDestinations(workload: Workload, visits: readonly Visit[]): readonly Anomaly[] {
  const name = workloadKey(workload);
  return visits.flatMap(({ destination, isNetwork, sighting: { first } }) => {
    const historyMs = Math.min(first.time.getTime() - workload.firstAt.getTime(), KEEP_DAYS * DAY_MS);
    if (historyMs < LEARNING_MS) return [];
    return {
      type: 'new_destination',
      key: [name, destination, first.id],
      timeMs: first.time.getTime(),
      cause: causeOf(first),
      summary: `${name} connected to ${destination} for the first time in ${spanOf(historyMs)}`,
      fields: {
        'baseline.destination': destination,
        'baseline.is_network': isNetwork,
        'baseline.history_hours': Math.floor(historyMs / HOUR_MS),
      },
    };
  });
}

/** An anomaly for each of these minutes with which a spike begins, earliest first: the minute before was none. */
export function spikes(
  workload: Workload,
  minutes: ReadonlyMap<number, Connection>,
  countIn: (minute: number) => number,
): readonly Anomaly[] {
  const { median, mad } = workload;
  if (workload.minutes < MINUTES_MIN) return [];
  const name = workloadKey(workload);
  const threshold = spikeThreshold(workload);
  const inOrder = [...minutes].toSorted(([a], [b]) => a - b);
  return inOrder.flatMap(([minute, first]) => {
    const timeMs = minute * MINUTE_MS;
    const n = countIn(minute);
    if (timeMs - workload.firstAt.getTime() < LEARNING_MS) return [];
    if (n <= threshold || countIn(minute - 1) > threshold) return [];
    return {
      type: 'connection_spike',
      key: [name, String(minute)],
      timeMs,
      cause: causeOf(first),
      summary: `${name} had ${n} connections in a minute; its median is ${median}`,
      fields: {
        'baseline.connections': n,
        'baseline.median': median,
        'baseline.mad': mad,
        'baseline.threshold': threshold,
        'baseline.minutes': workload.minutes,
      },
    };
  });
}

/** The anomaly that says how many others of an hour were not told. */
export function moreAnomalies(workload: Workload): readonly Anomaly[] {
  const { hour, untold, untoldAt, untoldId } = workload;
  if (hour === null || untoldAt === null || untoldId === null) return [];
  const name = workloadKey(workload);
  return [
    {
      type: 'more_anomalies',
      key: [name, hour.toISOString()],
      timeMs: untoldAt.getTime(),
      cause: { id: untoldId, timeMs: untoldAt.getTime() },
      summary: `${name} had ${untold} more anomalous connections within an hour; only the first ${TOLD_MAX} are listed`,
      fields: { 'baseline.untold': untold },
    },
  ];
}

/** Divides anomalies into those that are told and those that are only counted. */
export function limit(workload: Workload, found: readonly Anomaly[], hour: Date) {
  const sameHour = workload.hour?.getTime() === hour.getTime();
  const before = sameHour ? workload : { told: 0, untold: 0, untoldAt: null, untoldId: null };
  const told = found.slice(0, Math.max(0, TOLD_MAX - before.told));
  const rest = found.slice(told.length);
  const first = rest[0]?.cause;
  const isFirst = before.untold === 0 && first !== undefined;
  const counts = {
    id: workload.id,
    hour,
    told: before.told + told.length,
    untold: before.untold + rest.length,
    untoldAt: isFirst ? new Date(first.timeMs) : before.untoldAt,
    untoldId: isFirst ? first.id : before.untoldId,
  };
  return { told, counts };
}

function causeOf({ id, time }: Connection): Anomaly['cause'] {
  return { id, timeMs: time.getTime() };
}

function spanOf(ms: number): string {
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} hours` : `${Math.floor(ms / DAY_MS)} days`;
}
