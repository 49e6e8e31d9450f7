import type { Gap } from '../../core/wire/events.ts';
import { Keys } from '../ui/chip.tsx';
import { count } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import type { useEventList } from './use-event-list.ts';

type Props = {
  readonly list: ReturnType<typeof useEventList>;
  readonly visible: { readonly first: number; readonly last: number };
  readonly gaps: readonly Gap[];
};

/** Line below the table: position, what was not observed, keys. */
export function ListStatus({ list, visible, gaps }: Props) {
  const { groups, query } = list;
  return (
    <div className="st">
      <span>
        {groups.length === 0
          ? 'No rows'
          : `Rows ${count(visible.first + 1)}–${count(Math.min(groups.length, visible.last + 1))} of ${count(groups.length)}${query.hasNextPage ? ' loaded' : ''}`}
      </span>
      {list.examined > 0 ? (
        <span title="A part of this filter is decided event by event, newest first">
          {count(list.examined)} events examined
        </span>
      ) : null}
      {query.isFetchingNextPage ? <span role="status">Loading older events</span> : null}
      {gaps.length > 0 ? (
        <span className="fx" title={gaps.map(gapText).join('\n')}>
          <SeverityShape priority={4} label />
          {count(gaps.length)} {gaps.length === 1 ? 'gap' : 'gaps'} in this range
        </span>
      ) : null}
      <span className="grow" />
      <span className="hide-s">
        <Keys keys={['J', 'K']} /> move
      </span>
      <span className="hide-s">
        <Keys keys={['↵']} /> open
      </span>
      <span className="hide-s">
        <Keys keys={['F']} /> filter by rule
      </span>
      <span className="hide-s">
        <Keys keys={['X']} /> exclude
      </span>
    </div>
  );
}

/** `agent_down on worker-1, syscall, 02:10:00–02:12:00, 31 lost`. */
export function gapText(gap: Gap): string {
  const where = gap.node === null ? '' : ` on ${gap.node}`;
  const lost = gap.count === null ? '' : `, ${count(gap.count)} lost`;
  const detail = gap.detail === null ? '' : `. ${gap.detail}`;
  return `${gap.cause.replaceAll('_', ' ')}${where}, ${gap.source}, ${gap.start.slice(11, 19)}–${gap.end.slice(11, 19)}${lost}${detail}`;
}
