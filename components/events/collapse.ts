import type { EventRow } from '../../core/wire/events.ts';

export const COLLAPSE_WINDOW_MS = 60_000;

/** One table line: the newest event of a run of equal ones, and all of them. */
export type EventGroup = { readonly row: EventRow; readonly members: readonly EventRow[] };

/**
 * Folds runs of equal neighbours that lie within 60 s of the run's newest event.
 * Shape: rows newest first; the order of the lines is the order of their newest events. Nothing is
 * dropped: the members of all groups are the rows.
 */
export function collapseRepeats(rows: readonly EventRow[]): EventGroup[] {
  const groups: { row: EventRow; members: EventRow[]; key: string; startMs: number }[] = [];
  for (const row of rows) {
    const key = sameness(row);
    const timeMs = Date.parse(row.time);
    const last = groups.at(-1);
    if (last !== undefined && last.key === key && last.startMs - timeMs <= COLLAPSE_WINDOW_MS) {
      last.members.push(row);
    } else {
      groups.push({ row, members: [row], key, startMs: timeMs });
    }
  }
  return groups;
}

function sameness(row: EventRow): string {
  return JSON.stringify([
    row.source,
    row.type,
    row.rule,
    row.priority,
    row.outcome,
    row.node,
    row.namespace,
    row.pod,
    row.user,
    row.process,
    row.object,
    row.summary,
  ]);
}
