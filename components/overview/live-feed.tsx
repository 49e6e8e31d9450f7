'use client';

import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { EventRow } from '../../core/wire/events.ts';
import { recentEventsQuery } from '../api/event-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { useScope } from '../shell/scope.tsx';
import { count, middle } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SourceBadge } from '../ui/source.tsx';
import { Time } from '../ui/time.tsx';
import { useLiveRows } from './use-live-rows.ts';

const ROWS_MAX = 40;

/** What happens now: the newest events of the range, then whatever the stream brings. */
export function LiveFeed() {
  const { scope, namespaces, range, href } = useScope();
  // The list is filled once; from then on the stream adds to it.
  const [start] = useState(scope);
  const initial = range.kind === 'absolute' ? scope : { ...start, ns: scope.ns };
  const query = useQuery(recentEventsQuery(initial));
  const live = useLiveRows(namespaces);
  return (
    <QueryPanel
      title="Live feed"
      detail={
        live.perMinute > 0
          ? `${count(live.perMinute)} ${live.perMinute === 1 ? 'event' : 'events'}/min`
          : undefined
      }
      what="live feed"
      query={query}
      className="feedp"
      aside={
        <Link prefetch={false} className="more" href={href('/events')}>
          Investigate
          <ChevronRight className="i sm" aria-hidden="true" />
        </Link>
      }
    >
      {(data) => {
        const fresh = range.kind === 'relative' ? live.rows : [];
        const seen = new Set(fresh.map((row) => row.id));
        const rows = [...fresh, ...data.rows.filter((row) => !seen.has(row.id))].slice(0, ROWS_MAX);
        return rows.length === 0 ? (
          <EmptyState>No events yet. New ones appear here as they are stored.</EmptyState>
        ) : (
          <div className="fw">
            <ol className="feed" aria-live="off">
              {rows.map((row) => (
                <FeedLine key={row.id} row={row} fresh={seen.has(row.id)} />
              ))}
            </ol>
          </div>
        );
      }}
    </QueryPanel>
  );
}

function FeedLine({ row, fresh }: { readonly row: EventRow; readonly fresh: boolean }) {
  const { href } = useScope();
  const name = row.pod ?? row.workload;
  const where = [row.namespace, name === null ? null : middle(name, 28)]
    .filter((part) => part !== null)
    .join('/');
  return (
    <li className={fresh ? 'new' : undefined}>
      <Time iso={row.time} />
      <SeverityShape priority={row.priority} label />
      <SourceBadge source={row.source} />
      <span className="tx">
        <Link
          prefetch={false}
          className="el2"
          href={href(`/events?ev=${encodeURIComponent(`${row.id}@${row.time}`)}`)}
          title={row.summary}
        >
          {row.summary}
        </Link>
        <span className="w el">{where === '' ? (row.node ?? row.user) : where}</span>
      </span>
    </li>
  );
}
