import type { TableColumn } from '../data-table/column.ts';
import { clockUtc } from '../ui/format.ts';
import { Severity } from '../ui/severity.tsx';
import { SourceBadge } from '../ui/source.tsx';
import type { EventGroup } from './collapse.ts';
import { eventLabel, subjectObject } from './event-words.ts';

/** Columns of the event list. Times are text only: a tooltip per cell would cost more than the row. */
export const EVENT_COLUMNS: readonly TableColumn<EventGroup>[] = [
  {
    id: 'time',
    header: 'Time, UTC',
    width: 102,
    className: 'mono',
    title: ({ row }) => timeTitle(row.time),
    cell: ({ row }) => <time dateTime={row.time}>{clockUtc(row.time, true)}</time>,
  },
  { id: 'priority', header: 'Priority', width: 76, cell: ({ row }) => <Severity priority={row.priority} /> },
  {
    id: 'source',
    header: <abbr title="Source">Src</abbr>,
    width: 36,
    cell: ({ row }) => <SourceBadge source={row.source} />,
  },
  {
    id: 'rule',
    header: 'Rule or category',
    className: 'ru',
    title: ({ row }) => eventLabel(row),
    cell: ({ row, members }) => (
      <span className="fx">
        <span className={row.rule === null ? 'el t2' : 'el'}>{eventLabel(row)}</span>
        {members.length > 1 ? (
          <span className="x num" title={`${members.length} equal events within 60 s`}>
            ×{members.length}
          </span>
        ) : null}
      </span>
    ),
  },
  {
    id: 'object',
    header: 'Subject → object',
    className: 'mono ob',
    title: ({ row }) => row.summary,
    cell: ({ row }) => subjectObject(row),
  },
];

function timeTitle(iso: string): string {
  const when = new Date(iso);
  return `${when.toISOString().replace('T', ' ').replace('Z', ' UTC')}\n${when.toLocaleString('en-GB', { timeZoneName: 'short' })}`;
}
