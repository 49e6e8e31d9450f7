import type { TimelineEntry } from '../../core/wire/incidents.ts';

export type Lane = {
  readonly key: string;
  readonly kind: string;
  readonly name: string;
  readonly entries: readonly TimelineEntry[];
};
export type Marker = {
  readonly x: number;
  /** Most severe of the merged entries; null when none has a severity. */
  readonly priority: number | null;
  /** Sum of the merged entries' counts. */
  readonly count: number;
  readonly entries: readonly TimelineEntry[];
};
export type Bar = { readonly x0: number; readonly x1: number; readonly hot: boolean };
export type LaneAxis = { readonly fromMs: number; readonly toMs: number; readonly width: number };

export const MERGE_PX = 14;
/** Room of a marker that carries a count. */
const COUNT_PX = 12;
/** Events of one lane this close together are one stretch of activity. */
export const ACTIVITY_GAP_MS = 15 * 60_000;
export const RESPONSE_LANE = 'response';
const LANES_MAX = 12;

/** One lane per entity in order of first appearance, Response last; gaps belong to no lane. */
export function lanesOf(timeline: readonly TimelineEntry[]): { lanes: Lane[]; hidden: number } {
  const byKey = new Map<string, TimelineEntry[]>();
  const oldestFirst = timeline.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
  for (const entry of oldestFirst) {
    if (entry.kind === 'gap') continue;
    const lane = byKey.get(entry.lane);
    if (lane === undefined) byKey.set(entry.lane, [entry]);
    else lane.push(entry);
  }
  const response = byKey.get(RESPONSE_LANE);
  byKey.delete(RESPONSE_LANE);
  const lanes = [...byKey].map(([key, entries]) => laneOf(key, entries));
  const shown = lanes.slice(0, LANES_MAX);
  if (response !== undefined) shown.push(laneOf(RESPONSE_LANE, response));
  return { lanes: shown, hidden: Math.max(0, lanes.length - LANES_MAX) };
}

/** Markers left to right; neighbours closer than 14 px (26 px beside a count) merge. */
export function markersOf(entries: readonly TimelineEntry[], axis: LaneAxis): Marker[] {
  const clusters: { x: number; entries: TimelineEntry[] }[] = [];
  for (const entry of entries.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
    const x = xOf(axis, Date.parse(entry.time));
    const last = clusters.at(-1);
    const room = MERGE_PX + (last !== undefined && sizeOf(last.entries) > 1 ? COUNT_PX : 0);
    if (last !== undefined && x - last.x < room) last.entries.push(entry);
    else clusters.push({ x, entries: [entry] });
  }
  return clusters.map((cluster) => ({
    x: cluster.x,
    entries: cluster.entries,
    count: sizeOf(cluster.entries),
    priority: cluster.entries.reduce<number | null>(
      (worst, entry) => (entry.priority === null ? worst : Math.min(worst ?? 7, entry.priority)),
      null,
    ),
  }));
}

/**
 * Stretches of activity: events at most 15 minutes apart are joined, thick (`hot`) from the first
 * Critical or worse one on. Single events have no bar.
 */
export function barsOf(entries: readonly TimelineEntry[], axis: LaneAxis): Bar[] {
  const events = entries.filter((entry) => entry.kind === 'event');
  const bars: { x0: number; x1: number; hot: boolean; endMs: number }[] = [];
  let hot = false;
  let previousMs: number | undefined;
  for (const entry of events.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
    const timeMs = Date.parse(entry.time);
    if (previousMs === undefined || timeMs - previousMs > ACTIVITY_GAP_MS) hot = false;
    else {
      const last = bars.at(-1);
      if (last !== undefined && last.endMs === previousMs && last.hot === hot) {
        last.x1 = xOf(axis, timeMs);
        last.endMs = timeMs;
      } else bars.push({ x0: xOf(axis, previousMs), x1: xOf(axis, timeMs), hot, endMs: timeMs });
    }
    hot = hot || (entry.priority !== null && entry.priority <= 2);
    previousMs = timeMs;
  }
  return bars.map(({ x0, x1, hot: isHot }) => ({ x0, x1, hot: isHot }));
}

/** Time axis over all entries with 3 % room on both sides; a single instant gets one minute. */
export function laneAxis(timeline: readonly TimelineEntry[], width: number): LaneAxis {
  const times = timeline.map((entry) => Date.parse(entry.time));
  const low = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(low)) return { fromMs: 0, toMs: 60_000, width };
  const room = Math.max((high - low) * 0.03, 30_000);
  return { fromMs: low - room, toMs: high + room, width };
}

export const xOf = (axis: LaneAxis, ms: number): number =>
  ((ms - axis.fromMs) / (axis.toMs - axis.fromMs)) * axis.width;

const sizeOf = (entries: readonly TimelineEntry[]): number =>
  entries.reduce((sum, entry) => sum + Math.max(1, entry.count), 0);

function laneOf(key: string, entries: readonly TimelineEntry[]): Lane {
  const colon = key.indexOf(':');
  if (key === RESPONSE_LANE) return { key, kind: RESPONSE_LANE, name: 'Response', entries };
  return { key, kind: key.slice(0, Math.max(0, colon)), name: key.slice(colon + 1), entries };
}
