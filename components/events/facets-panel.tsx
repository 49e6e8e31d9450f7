'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import { X } from 'lucide-react';
import type { Facet, FacetsReply } from '../../core/wire/events.ts';
import { QueryError } from '../api/query-panel.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import type { FacetSelection } from './events-url.ts';
import { Facets } from './facets.tsx';

type Props = {
  readonly query: UseQueryResult<FacetsReply>;
  readonly selection: FacetSelection;
  readonly onChange: (facet: Facet, values: readonly string[]) => void;
  readonly onClear: () => void;
  /** Below 1280 px the facets are a sheet that opens on demand. */
  readonly open: boolean;
  readonly onClose: () => void;
};

/** Facet column; a sheet over the page on smaller screens. */
export function FacetsPanel({ query, selection, onChange, onClear, open, onClose }: Props) {
  const chosen = Object.values(selection).reduce((sum, values) => sum + values.length, 0);
  return (
    <aside
      className={open ? 'fac sheet-open' : 'fac'}
      aria-label="Filters"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open) onClose();
      }}
    >
      <div className="fach-top">
        {chosen > 0 ? (
          <Button small look="quiet" onClick={onClear}>
            Clear {chosen} {chosen === 1 ? 'filter' : 'filters'}
          </Button>
        ) : null}
        <span className="grow" />
        <IconButton label="Close filters" className="mini" onClick={onClose}>
          <X className="i" />
        </IconButton>
      </div>
      {query.data === undefined && query.error !== null ? (
        <QueryError query={query} what="filters" />
      ) : query.data === undefined ? (
        <SkeletonRows rows={14} height={14} what="filters" />
      ) : (
        <Facets reply={query.data} selection={selection} onChange={onChange} />
      )}
    </aside>
  );
}
