'use client';

import { useMemo, useState } from 'react';
import type { IncidentDetail } from '../../core/wire/incidents.ts';
import { gapText } from '../events/list-status.tsx';
import { Button } from '../ui/button.tsx';
import { count } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SwimLanes } from './swim-lanes.tsx';
import { TimelineLine } from './timeline-line.tsx';
import { type TimelineFilter, timelineCounts, timelineRows } from './timeline-rows.ts';

const PAGE_ROWS = 200;
const OPTIONS = [
  { value: 'all', label: 'All' },
  { value: 'events', label: 'Events' },
  { value: 'response', label: 'Response' },
] as const;
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });
const NONE: ReadonlySet<string> = new Set();

/** Lanes above, merged timeline below, newest first; hovering one marks the other. */
export function Timeline({ detail }: { readonly detail: IncidentDetail }) {
  const [filter, setFilter] = useState<TimelineFilter>('all');
  const [limit, setLimit] = useState(PAGE_ROWS);
  const [hot, setHot] = useState<ReadonlySet<string>>(NONE);
  const rows = useMemo(() => timelineRows(detail.timeline, filter), [detail.timeline, filter]);
  const counts = useMemo(() => timelineCounts(detail.timeline), [detail.timeline]);
  const gapTexts = useMemo(
    () => new Map(detail.gaps.map((gap) => [`gap:${gap.id}`, `Not observed: ${gapText(gap)}`])),
    [detail.gaps],
  );
  const plural = (n: number, word: string) => `${count(n)} ${word}${n === 1 ? '' : 's'}`;
  const shown = rows.slice(0, limit);
  return (
    <Panel
      title="Timeline"
      detail={`${plural(counts.events, 'event')}, ${plural(counts.actions, 'action')}, ${plural(counts.notes, 'note')}`}
      aside={<Segmented label="Show" options={OPTIONS} value={filter} onChange={setFilter} />}
    >
      <SwimLanes detail={detail} hot={hot} onHot={setHot} />
      {rows.length === 0 ? (
        <EmptyState>The timeline has no lines of this kind.</EmptyState>
      ) : (
        <ol className="tl">
          {shown.map((row, index) =>
            row.kind === 'day' ? (
              <li key={row.key} className="dayrule">
                {DAY.format(new Date(row.time))}, UTC
                <span className="grow" />
                {index === 0 ? 'newest first' : ''}
              </li>
            ) : (
              <TimelineLine
                key={row.key}
                entry={row.entry}
                text={gapTexts.get(row.entry.id) ?? row.entry.summary}
                hot={hot.has(row.entry.id)}
                onHot={(on) => setHot(on ? new Set([row.entry.id]) : NONE)}
              />
            ),
          )}
        </ol>
      )}
      {rows.length > limit ? (
        <div className="morebar">
          <Button small onClick={() => setLimit(limit + PAGE_ROWS)}>
            Show {count(Math.min(PAGE_ROWS, rows.length - limit))} older lines
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}
