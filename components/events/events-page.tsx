'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { facetsQuery, histogramQuery } from '../api/event-queries.ts';
import { patchParams } from '../shell/url-params.ts';
import { useToast } from '../ui/toast.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EventList } from './event-list.tsx';
import { FacetsPanel } from './facets-panel.tsx';
import { refusedFilter } from './filter-faults.ts';
import { HistogramPanel } from './histogram-panel.tsx';
import { QueryBar } from './query-bar.tsx';
import { valueCounts } from './suggest.ts';
import { useEventList } from './use-event-list.ts';
import { useEventsState } from './use-events-state.ts';
import { equalityFilter, withCondition } from './value-filter.ts';
import './events.css';

/** Query, facets, histogram, list and the open event; all of it follows from the URL. */
export function EventsPage() {
  const state = useEventsState();
  const { url, draft } = state;
  const list = useEventList(state.list, state.ready);
  const facets = useQuery({ ...facetsQuery(state.list), enabled: state.ready });
  const histogram = useQuery({ ...histogramQuery(state.window), enabled: state.ready });
  const counts = useMemo(() => valueCounts(facets.data), [facets.data]);
  const [filtersOpen, setFiltersOpen] = useState(false);
  const refused = refusedFilter(list.query.error);
  const { openEvent } = state;
  const toast = useToast();
  const close = useCallback(() => openEvent(undefined), [openEvent]);

  const frozenHref = (): string => {
    const params = patchParams(new URLSearchParams(window.location.search), {
      range: null,
      from: state.window.from,
      to: state.window.to,
      q: draft.applied === '' ? null : draft.applied,
    });
    return `${window.location.origin}${window.location.pathname}?${params}`;
  };
  const copyLink = (): void => {
    navigator.clipboard.writeText(frozenHref()).then(
      () => toast({ title: 'Link copied', detail: 'Its times are absolute.' }),
      () => toast({ title: 'The browser refused to copy' }),
    );
  };
  const onFilter = useCallback(
    (field: string, value: string | number | boolean | readonly string[], exclude: boolean) =>
      draft.run(withCondition(draft.applied, equalityFilter(field, value), exclude)),
    [draft],
  );
  const first = list.first;
  const openRow = list.groups.flatMap((group) => group.members).find((row) => row.id === url.ev?.id);
  return (
    <>
      <QueryBar
        start={draft.start}
        applied={draft.applied}
        refused={refused}
        result={
          first === undefined || list.query.isPlaceholderData
            ? undefined
            : { total: first.total ?? first.totalAtLeast, more: first.total === null, tookMs: first.tookMs }
        }
        valueCounts={counts}
        onType={draft.type}
        onRun={(query) => {
          draft.run(query);
          if (query === draft.applied) state.showNewer();
        }}
        frozenHref={frozenHref}
      />
      <div className={url.ev === undefined ? 'evg noev' : 'evg'}>
        <FacetsPanel
          query={facets}
          selection={url.facets}
          onChange={state.setFacet}
          onClear={state.clearFacets}
          open={filtersOpen}
          onClose={() => setFiltersOpen(false)}
        />
        <div className="mid" data-faded={refused !== undefined || undefined}>
          <HistogramPanel
            query={histogram}
            window={state.window}
            selection={url.sel}
            onSelect={state.select}
          />
          <EventList
            list={list}
            state={state}
            refused={refused !== undefined}
            onFilters={() => setFiltersOpen(true)}
            onFilter={onFilter}
            copyLink={copyLink}
          />
        </div>
        {url.ev === undefined ? null : (
          <EventDrawer
            event={url.ev}
            row={openRow}
            onClose={close}
            onOpen={openEvent}
            onFilter={onFilter}
            copyLink={copyLink}
          />
        )}
      </div>
    </>
  );
}
