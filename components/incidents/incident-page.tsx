'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import type { IncidentDetail, Phase } from '../../core/wire/incidents.ts';
import { isCode } from '../api/api-error.ts';
import { incidentQuery } from '../api/incident-queries.ts';
import { QueryError } from '../api/query-panel.tsx';
import { EmptyState } from '../ui/message.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { IncidentHeader } from './incident-header.tsx';
import { PhaseStepper } from './phase-stepper.tsx';
import { ResponsePanel } from './response-panel.tsx';
import { Timeline } from './timeline.tsx';
import './incidents.css';

/** One incident: header, phases, lanes and timeline, response. */
export function IncidentPage({ id }: { readonly id: number }) {
  const query = useQuery(incidentQuery(id));
  if (query.data !== undefined) return <Loaded detail={query.data} />;
  if (query.error === null) return <SkeletonRows rows={12} height={32} what="the incident" />;
  if (!isCode(query.error, 'not_found')) return <QueryError query={query} what="the incident" />;
  return (
    <EmptyState
      action={
        <Link prefetch={false} className="btn s" href="/incidents">
          All incidents
        </Link>
      }
    >
      There is no incident INC-{id}.
    </EmptyState>
  );
}

function Loaded({ detail }: { readonly detail: IncidentDetail }) {
  const [shown, setShown] = useState<Phase>();
  const phase = shown ?? detail.incident.phase;
  return (
    <>
      <IncidentHeader detail={detail} />
      <PhaseStepper detail={detail} shown={phase} onShow={setShown} />
      <div className="ing">
        <Timeline detail={detail} />
        <ResponsePanel detail={detail} phase={phase} />
      </div>
    </>
  );
}
