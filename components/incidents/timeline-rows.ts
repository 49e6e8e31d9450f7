import type { TimelineEntry } from '../../core/wire/incidents.ts';

export const TIMELINE_FILTERS = ['all', 'events', 'response'] as const;
export type TimelineFilter = (typeof TIMELINE_FILTERS)[number];

export type TimelineRow =
  | { readonly kind: 'day'; readonly key: string; readonly time: string }
  | { readonly kind: 'entry'; readonly key: string; readonly entry: TimelineEntry };

/**
 * The timeline newest first with a rule per UTC day. Gaps stay under every filter that shows events,
 * since "nothing seen" must not look like "nothing happened".
 */
export function timelineRows(timeline: readonly TimelineEntry[], filter: TimelineFilter): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let day = '';
  for (const entry of timeline.toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time))) {
    const observed = entry.kind === 'event' || entry.kind === 'gap';
    if (filter !== 'all' && observed !== (filter === 'events')) continue;
    const entryDay = new Date(entry.time).toISOString().slice(0, 10);
    if (entryDay !== day) rows.push({ kind: 'day', key: `day-${entryDay}`, time: entry.time });
    day = entryDay;
    rows.push({ kind: 'entry', key: entry.id, entry });
  }
  return rows;
}

/** Counts for the panel head: events with their repeats, actions, notes. */
export function timelineCounts(timeline: readonly TimelineEntry[]): {
  events: number;
  actions: number;
  notes: number;
} {
  const of = (kind: TimelineEntry['kind']) => timeline.filter((entry) => entry.kind === kind);
  return {
    events: of('event').reduce((sum, entry) => sum + Math.max(1, entry.count), 0),
    actions: of('action').length,
    notes: of('note').length,
  };
}
