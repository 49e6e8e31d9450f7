import type { Gap } from '../../core/wire/events.ts';
import type { TimelineEntry } from '../../core/wire/incidents.ts';

export const TIMELINE_FILTERS = ['all', 'events', 'response'] as const;
export type TimelineFilter = (typeof TIMELINE_FILTERS)[number];

export type TimelineRow =
  | { readonly kind: 'day'; readonly key: string; readonly time: string }
  | { readonly kind: 'entry'; readonly key: string; readonly entry: TimelineEntry }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Gap };

/**
 * The merged timeline newest first: a rule per UTC day, entries, and gaps at their end. Gaps stay
 * under every filter that shows events, since "nothing seen" must not look like "nothing happened".
 */
export function timelineRows(
  timeline: readonly TimelineEntry[],
  gaps: readonly Gap[],
  filter: TimelineFilter,
): TimelineRow[] {
  const rows: Exclude<TimelineRow, { kind: 'day' }>[] = [];
  for (const entry of timeline) {
    const isEvent = entry.kind === 'event';
    if (entry.kind === 'gap' ? filter === 'response' : filter !== 'all' && isEvent !== (filter === 'events'))
      continue;
    rows.push({ kind: 'entry', key: entry.id, entry });
  }
  if (filter !== 'response') {
    for (const gap of gaps) rows.push({ kind: 'gap', key: `gap-${gap.id}`, gap });
  }
  rows.sort((a, b) => Date.parse(timeOf(b)) - Date.parse(timeOf(a)));
  const withDays: TimelineRow[] = [];
  let day = '';
  for (const row of rows) {
    const time = timeOf(row);
    const rowDay = new Date(time).toISOString().slice(0, 10);
    if (rowDay !== day) withDays.push({ kind: 'day', key: `day-${rowDay}`, time });
    day = rowDay;
    withDays.push(row);
  }
  return withDays;
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

const timeOf = (row: Exclude<TimelineRow, { kind: 'day' }>): string =>
  row.kind === 'entry' ? row.entry.time : row.gap.end;
