import type { TimelineEntry } from '../wire/incidents.ts';

export const COLLAPSE_MS = 60_000;

/**
 * Merges the lines of several sources into one time order, oldest first; at the same instant by id, so
 * that two calls agree. Repeats of one event line (same rule, process, object, lane, outcome and acting user,
 * no more than 60 s after the one before) become one line with their count.
 */
export function mergeTimeline(lists: readonly (readonly TimelineEntry[])[]): TimelineEntry[] {
  const sorted = lists.flat().sort((a, b) => compare(a.time, b.time) || compare(a.id, b.id));
  const out: { entry: TimelineEntry; lastMs: number }[] = [];
  const open = new Map<string, { entry: TimelineEntry; lastMs: number }>();
  for (const entry of sorted) {
    const key = repeatKey(entry);
    const before = key === undefined ? undefined : open.get(key);
    const timeMs = Date.parse(entry.time);
    if (before !== undefined && timeMs - before.lastMs <= COLLAPSE_MS) {
      before.entry = { ...before.entry, count: before.entry.count + entry.count };
      before.lastMs = timeMs;
      continue;
    }
    const line = { entry, lastMs: timeMs };
    out.push(line);
    if (key !== undefined) open.set(key, line);
  }
  return out.map((line) => line.entry);
}

/** Only what was seen repeats; what people did is never folded. */
function repeatKey(entry: TimelineEntry): string | undefined {
  if (entry.kind !== 'event') return undefined;
  return JSON.stringify([
    entry.rule,
    entry.rule === null ? entry.summary : null,
    entry.process,
    entry.object,
    entry.lane,
    entry.user,
    entry.outcome,
    entry.actingUser?.user,
  ]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
