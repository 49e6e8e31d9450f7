import { useCallback, useMemo, useState } from 'react';
import type { Facet, Scope } from '../../core/wire/events.ts';
import { useScope } from '../shell/scope.tsx';
import { resolveRange } from '../shell/scope-params.ts';
import { useUrlParams } from '../shell/url-params.ts';
import { eventParam, readEventsUrl, spanParam, type TimeSpan } from './events-url.ts';
import { filterFaults } from './filter-faults.ts';
import { useQueryDraft } from './use-query-draft.ts';

/**
 * Everything that the Events page shows follows from the URL and one frozen instant. The instant keeps
 * list, facets and histogram of a relative range on the same window until the user asks for newer rows.
 */
export function useEventsState() {
  const { params, update } = useUrlParams();
  const { range, namespaces, now, live, advance } = useScope();
  const url = useMemo(() => readEventsUrl(new URLSearchParams(params)), [params]);
  const draft = useQueryDraft(url.q);

  const rangeKey = JSON.stringify([range, namespaces]);
  const [frozen, setFrozen] = useState({ rangeKey, at: now });
  if (frozen.rangeKey !== rangeKey) setFrozen({ rangeKey, at: now });

  const valid = useMemo(() => filterFaults(draft.applied).length === 0, [draft.applied]);
  const [goodQuery, setGoodQuery] = useState(valid ? draft.applied : undefined);
  if (valid && goodQuery !== draft.applied) setGoodQuery(draft.applied);

  const scopes = useMemo(() => {
    const span = resolveRange(range, frozen.at);
    const window: Scope = {
      ...span,
      ns: [...namespaces],
      q: goodQuery ?? '',
      facets: facetRecord(url.facets),
    };
    return { window, list: { ...window, ...(url.sel ?? {}) } };
  }, [range, frozen.at, namespaces, goodQuery, url.facets, url.sel]);

  const openEvent = useCallback(
    (event: { id: string; time: string } | undefined) => {
      // One Back closes the panel, however many rows were visited in it.
      const opens = event !== undefined && !new URLSearchParams(window.location.search).has('ev');
      update({ ev: eventParam(event) }, opens ? 'push' : 'replace');
    },
    [update],
  );
  return {
    url,
    draft,
    live,
    now,
    window: scopes.window,
    list: scopes.list,
    /** False until a query without faults has been in force. */
    ready: goodQuery !== undefined,
    openEvent,
    select: (span: TimeSpan | undefined) => update({ sel: spanParam(span) }, 'push'),
    setFacet: (facet: Facet, values: readonly string[]) => update({ [`f.${facet}`]: values }, 'push'),
    clearFacets: () =>
      update(Object.fromEntries(Object.keys(url.facets).map((facet) => [`f.${facet}`, null])), 'push'),
    setParams: update,
    showNewer: () => {
      advance();
      setFrozen({ rangeKey, at: new Date() });
    },
  };
}
export type EventsState = ReturnType<typeof useEventsState>;

const facetRecord = (facets: Readonly<Partial<Record<Facet, readonly string[]>>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(facets).map(([facet, values]) => [facet, [...values]]));
