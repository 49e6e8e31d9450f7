'use client';

import clsx from 'clsx';
import { Undo2 } from 'lucide-react';
import Link from 'next/link';
import { SOURCES } from '../../core/events/event.ts';
import type { TimelineEntry } from '../../core/wire/incidents.ts';
import { useCan } from '../actions/use-can.ts';
import { useUndo } from '../actions/use-undo.ts';
import { eventParam } from '../events/events-url.ts';
import { Button } from '../ui/button.tsx';
import { count } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { SourceBadge } from '../ui/source.tsx';
import { Time } from '../ui/time.tsx';
import { EntryIcon } from './marks.tsx';

const KIND_WORD: Readonly<Partial<Record<TimelineEntry['kind'], string>>> = {
  note: 'Note',
  opened: 'Opened',
  closed: 'Closed',
  owner: 'Owner',
  phase: 'Phase',
  gap: 'Not observed',
};
const AROUND_MS = 15 * 60_000;

type Props = {
  readonly entry: TimelineEntry;
  /** What the line says after the actor. */
  readonly text: string;
  readonly hot: boolean;
  readonly onHot: (on: boolean) => void;
};

/** One line: an event with its severity and source, or who did what. */
export function TimelineLine({ entry, text, hot, onHot }: Props) {
  const source = SOURCES.find((one) => one === entry.source);
  const observed = entry.kind === 'event' || entry.kind === 'gap';
  return (
    <li
      id={`line-${entry.id}`}
      tabIndex={-1}
      className={clsx(
        entry.kind === 'note' ? 'notel' : !observed && 'act',
        entry.kind === 'gap' && 'gapl',
        hot && 'hot',
      )}
      onMouseEnter={() => onHot(true)}
      onMouseLeave={() => onHot(false)}
      onFocus={() => onHot(true)}
      onBlur={() => onHot(false)}
    >
      <span className="mono tlt">
        <Time iso={entry.time} ms />
      </span>
      <span className="k">
        {entry.kind === 'gap' ? (
          <svg className="gapi" aria-hidden="true">
            <rect width="14" height="14" fill="url(#p-gap)" />
          </svg>
        ) : entry.kind === 'event' ? (
          <SeverityShape priority={entry.priority ?? 6} label />
        ) : (
          <EntryIcon kind={entry.kind} />
        )}
      </span>
      <span>{source === undefined ? null : <SourceBadge source={source} />}</span>
      <p>
        {entry.actor === null ? null : <b>{entry.actor}</b>}
        {entry.actor === null ? '' : entry.kind === 'note' ? ': ' : ' '}
        {text}
        {entry.actingUser === undefined ? null : (
          <span className="t2">
            {' '}
            by kubectl exec of <b>{entry.actingUser.user}</b> (confidence {entry.actingUser.confidence})
          </span>
        )}
        {entry.count > 1 ? <span className="x num"> ×{count(entry.count)}</span> : null}
        {entry.outcome === 'denied' && !/denied/i.test(text) ? <span className="t2">. Denied</span> : null}
      </p>
      <span className="rt">
        <LineEnd entry={entry} />
      </span>
    </li>
  );
}

function LineEnd({ entry }: { readonly entry: TimelineEntry }) {
  const undo = useUndo();
  const can = useCan('responder');
  if (entry.kind === 'action' && entry.actionId !== null && entry.undoable && can.allowed) {
    const { actionId } = entry;
    return (
      <Button small look="quiet" disabled={undo.isPending} onClick={() => undo.mutate(actionId)}>
        <Undo2 className="i sm" aria-hidden="true" />
        Undo
      </Button>
    );
  }
  if (entry.eventId === null) return <>{KIND_WORD[entry.kind] ?? entry.rule ?? ''}</>;
  return (
    <Link prefetch={false} className="u" href={eventPath(entry.eventId, entry.time)} title="Open in Events">
      {entry.rule ?? 'Event'}
    </Link>
  );
}

function eventPath(id: string, time: string): string {
  const at = Date.parse(time);
  const params = new URLSearchParams({
    from: new Date(at - AROUND_MS).toISOString(),
    to: new Date(at + AROUND_MS).toISOString(),
    ev: eventParam({ id, time }) ?? '',
  });
  return `/events?${params}`;
}
