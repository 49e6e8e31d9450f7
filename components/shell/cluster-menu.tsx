'use client';

import { useQuery } from '@tanstack/react-query';
import { Boxes, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { clusterQuery } from '../api/cluster-queries.ts';
import { Popover } from '../ui/popover.tsx';
import { SeverityShape } from '../ui/severity.tsx';

/** Which cluster this is, and whether Eyrie reaches its API server. */
export function ClusterMenu() {
  const [open, setOpen] = useState(false);
  const { data } = useQuery(clusterQuery());
  const trouble = data !== undefined && !data.reachable;
  return (
    <Popover
      label="Cluster"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="sel" title="Cluster" aria-label={`Cluster ${data?.name ?? ''}`}>
          {trouble ? <SeverityShape priority={4} label /> : <Boxes className="i" aria-hidden="true" />}
          <span className="lb">{data?.name ?? 'Cluster'}</span>
          <ChevronDown className="i sm" aria-hidden="true" />
        </button>
      }
    >
      <dl className="kv pad">
        <dt>Cluster</dt>
        <dd>{data?.name ?? '–'}</dd>
        <dt>API server</dt>
        <dd>
          {data === undefined
            ? 'Loading'
            : data.reachable
              ? 'Reachable'
              : data.configured
                ? 'Not reachable'
                : 'Not configured'}
        </dd>
        {data?.version ? (
          <>
            <dt>Version</dt>
            <dd>{data.version}</dd>
          </>
        ) : null}
        {data?.error ? (
          <>
            <dt>Error</dt>
            <dd>{data.error}</dd>
          </>
        ) : null}
      </dl>
      {data?.help ? <p className="me pad">{data.help}</p> : null}
    </Popover>
  );
}
