'use client';

import { List } from 'lucide-react';
import { type KeyboardEvent, useCallback, useRef, useState } from 'react';
import { QueryError } from '../api/query-panel.tsx';
import { type TableControl, VirtualTable } from '../data-table/virtual-table.tsx';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { count, duration } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import type { EventGroup } from './collapse.ts';
import { EVENT_COLUMNS } from './event-columns.tsx';
import { eventLabel } from './event-words.ts';
import { ListStatus } from './list-status.tsx';
import { SelectionBar } from './selection-bar.tsx';
import type { useEventList } from './use-event-list.ts';
import type { EventsState } from './use-events-state.ts';
import { useNewEvents } from './use-new-events.ts';
import { useSelection } from './use-selection.ts';

type Props = {
  readonly list: ReturnType<typeof useEventList>;
  readonly state: EventsState;
  readonly refused: boolean;
  readonly onFilters: () => void;
  readonly onFilter: (field: string, value: string, exclude: boolean) => void;
  readonly copyLink: () => void;
};

const groupKey = (group: EventGroup): string => group.row.id;
const groupLabel = (group: EventGroup): string => eventLabel(group.row);

/** Head, table and status line of the event list. */
export function EventList({ list, state, refused, onFilters, onFilter, copyLink }: Props) {
  const { url, openEvent } = state;
  const selection = useSelection(list.groups);
  const [visible, setVisible] = useState({ first: 0, last: 0 });
  const newer = useNewEvents(state.list, state.now, state.live && state.ready && url.sel === undefined);
  const onVisible = useCallback(
    (first: number, last: number) =>
      setVisible((old) => (old.first === first && old.last === last ? old : { first, last })),
    [],
  );
  const showNewer = (): void => {
    if (newer.count > 0) state.showNewer();
  };
  const table = useRef<TableControl>(null);
  useShortcuts({
    '.': showNewer,
    y: copyLink,
    j: () => table.current?.step(1),
    k: () => table.current?.step(-1),
  });
  // A folded event can be the open one: its line stands for it.
  const openGroup = list.groups.find((group) => group.members.some((row) => row.id === url.ev?.id));
  const onKey = (event: KeyboardEvent, group: EventGroup | undefined): void => {
    if (group === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const exclude = event.key.toLowerCase() === 'x';
    if (!exclude && event.key.toLowerCase() !== 'f') return;
    const { row } = group;
    if (row.rule !== null) onFilter('rule', row.rule, exclude);
    else onFilter('evt.type', row.type, exclude);
    event.preventDefault();
    event.stopPropagation();
  };
  const total = list.first?.total ?? list.first?.totalAtLeast ?? 0;
  return (
    <>
      {selection.chosen.length > 0 ? (
        <SelectionBar chosen={selection.chosen} onClear={selection.clear} />
      ) : (
        <div className="tb" aria-busy={list.query.isFetching || undefined}>
          <Button small className="mini" onClick={onFilters}>
            <List className="i" aria-hidden="true" />
            Filters
          </Button>
          <b>
            {list.loaded
              ? `${list.first?.total === null ? 'More than ' : ''}${count(total)} events`
              : list.query.error === null
                ? 'Loading events'
                : 'Events'}
          </b>
          <span className="muted hide-s el">{headText(state)}</span>
          <span className="grow" />
          {newer.count > 0 ? (
            <Button small onClick={showNewer}>
              {newer.more ? 'more than ' : ''}
              {count(newer.count)} new, show <kbd>.</kbd>
            </Button>
          ) : null}
        </div>
      )}
      {!list.loaded && list.query.error !== null && !refused ? (
        <div className="vt">
          <QueryError query={list.query} what="events" />
        </div>
      ) : !list.loaded ? (
        <div className="vt">{state.ready ? <SkeletonRows rows={18} height={17} what="events" /> : null}</div>
      ) : list.groups.length === 0 ? (
        <div className="vt">
          {list.query.hasNextPage ? <NothingYet list={list} /> : <Nothing state={state} />}
        </div>
      ) : (
        <VirtualTable
          control={table}
          label="Events, newest first"
          columns={EVENT_COLUMNS}
          rows={list.groups}
          rowCount={list.query.hasNextPage ? -1 : list.groups.length + 1}
          rowKey={groupKey}
          rowLabel={groupLabel}
          openKey={openGroup?.row.id}
          checked={selection.keys}
          onOpen={(group) => openEvent({ id: group.row.id, time: group.row.time })}
          onClose={() => openEvent(undefined)}
          onCheck={selection.toggle}
          onEnd={list.loadMore}
          onKey={onKey}
          onVisible={onVisible}
        />
      )}
      {list.loaded && list.query.error !== null && !refused ? (
        <QueryError query={list.query} what="newer events" />
      ) : null}
      <ListStatus list={list} visible={visible} gaps={list.first?.gaps ?? []} />
    </>
  );
}

/** A filter that is decided event by event may find its first event far back. */
function NothingYet({ list }: { readonly list: Props['list'] }) {
  const look = (
    <Button small onClick={list.loadMore} disabled={list.query.isFetching}>
      {list.query.isFetching ? 'Looking' : 'Look further back'}
    </Button>
  );
  return <EmptyState action={look}>None of the newest {count(list.examined)} events matches.</EmptyState>;
}

function headText({ url, live }: EventsState): string {
  if (url.sel === undefined) return live ? 'newest first, live' : 'newest first';
  return `in the selected ${duration(Date.parse(url.sel.to) - Date.parse(url.sel.from))}, newest first`;
}

function Nothing({ state }: { readonly state: EventsState }) {
  const { url, list, draft } = state;
  const span = duration(Date.parse(list.to) - Date.parse(list.from));
  const narrowed = draft.applied !== '' || Object.keys(url.facets).length > 0 || list.ns.length > 0;
  const action =
    url.sel !== undefined ? (
      <Button small onClick={() => state.select(undefined)}>
        Clear the time selection
      </Button>
    ) : (
      <Button small onClick={() => state.setParams({ range: '24h', from: null, to: null })}>
        Widen to 24 hours
      </Button>
    );
  return (
    <EmptyState action={action}>
      {narrowed
        ? `No events match this query and these filters within ${span}.`
        : `No events within ${span}.`}
    </EmptyState>
  );
}
