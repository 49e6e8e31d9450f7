'use client';

import { useState } from 'react';
import type { EventDetail } from '../../core/wire/events.ts';
import { clockUtc } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { SourceBadge } from '../ui/source.tsx';
import { eventLabel, subjectObject } from './event-words.ts';

const SHOWN = 6;

type Props = {
  readonly detail: EventDetail;
  readonly onOpen: (event: { id: string; time: string }) => void;
};

/** Events of the same process, container or user around this one. */
export function RelatedEvents({ detail, onOpen }: Props) {
  const [all, setAll] = useState(false);
  if (detail.related.length === 0) return null;
  // The server sends the weightiest first; reading them in their order tells the story.
  const shown = detail.related
    .slice(0, all ? undefined : SHOWN)
    .toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const hidden = detail.related.length - shown.length;
  return (
    <section className="sec">
      <h3>
        Related events <span className="ct">{detail.related.length}</span>
      </h3>
      <ul className="rel">
        {shown.map((row) => (
          <li key={row.id} className={row.id === detail.row.id ? 'me' : undefined}>
            <button type="button" className="rell" onClick={() => onOpen({ id: row.id, time: row.time })}>
              <time className="muted" dateTime={row.time}>
                {clockUtc(row.time)}
              </time>
              <SeverityShape priority={row.priority} label />
              <SourceBadge source={row.source} />
              <span className="el" title={row.summary}>
                {row.rule === null ? `${eventLabel(row)}: ${subjectObject(row)}` : row.rule}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {hidden > 0 ? (
        <button type="button" className="mo" onClick={() => setAll(true)}>
          {hidden} more
        </button>
      ) : null}
    </section>
  );
}
