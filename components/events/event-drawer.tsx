'use client';

import { useQuery } from '@tanstack/react-query';
import { Link as LinkIcon, X } from 'lucide-react';
import type { FieldValue } from '../../core/events/event.ts';
import type { EventRow } from '../../core/wire/events.ts';
import { isCode } from '../api/api-error.ts';
import { eventDetailQuery } from '../api/event-queries.ts';
import { QueryError } from '../api/query-panel.tsx';
import { IconButton } from '../ui/button.tsx';
import { Drawer } from '../ui/drawer.tsx';
import { EmptyState } from '../ui/message.tsx';
import { Severity } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SourceBadge } from '../ui/source.tsx';
import { Time } from '../ui/time.tsx';
import { EventActions } from './event-actions.tsx';
import { EventFields } from './event-fields.tsx';
import { eventLabel } from './event-words.ts';
import { KubernetesBlock } from './kubernetes-block.tsx';
import { NetworkBlock } from './network-block.tsx';
import { ProcessAncestry } from './process-ancestry.tsx';
import { RawJson } from './raw-json.tsx';
import { RelatedEvents } from './related-events.tsx';

type Props = {
  readonly event: { readonly id: string; readonly time: string };
  /** The list's row, shown until the detail is here. */
  readonly row: EventRow | undefined;
  readonly onClose: () => void;
  readonly onOpen: (event: { id: string; time: string }) => void;
  readonly onFilter: (field: string, value: FieldValue, exclude: boolean) => void;
  readonly copyLink: () => void;
};

/** Side panel of one event: summary, actions, ancestry, Kubernetes, network, related, fields, raw. */
export function EventDrawer({ event, row: listed, onClose, onOpen, onFilter, copyLink }: Props) {
  const query = useQuery(eventDetailQuery(event.id, event.time));
  const detail = query.data;
  const row = detail?.row ?? listed;
  return (
    <Drawer label="Event detail" onClose={onClose}>
      <div className="drh">
        <div className="row">
          {row === undefined ? null : (
            <>
              <Severity priority={row.priority} full />
              <SourceBadge source={row.source} name />
              <span className="muted num">
                <Time iso={row.time} ms /> UTC
              </span>
            </>
          )}
          <span className="grow" />
          <IconButton label="Copy link (Y)" onClick={copyLink}>
            <LinkIcon className="i" />
          </IconButton>
          <IconButton label="Close (Esc)" onClick={onClose}>
            <X className="i" />
          </IconButton>
        </div>
        {row === undefined ? null : (
          <>
            <h2>{eventLabel(row)}</h2>
            <p className="t2">{row.summary}.</p>
            <EventActions row={row} incident={detail?.incident ?? undefined} />
          </>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container needs a focus stop */}
      <section className="drb" tabIndex={0} aria-label="Details">
        {detail === undefined ? (
          query.error === null ? (
            <SkeletonRows rows={12} what="the event" />
          ) : isCode(query.error, 'not_found') ? (
            <EmptyState>
              This event is not stored any more. Its day may have passed the retention time.
            </EmptyState>
          ) : (
            <QueryError query={query} what="the event" />
          )
        ) : (
          <>
            <ProcessAncestry detail={detail} onOpen={onOpen} />
            <KubernetesBlock detail={detail} />
            <NetworkBlock detail={detail} />
            <RelatedEvents detail={detail} onOpen={onOpen} />
            <EventFields detail={detail} onFilter={onFilter} />
            <RawJson detail={detail} />
          </>
        )}
      </section>
    </Drawer>
  );
}
