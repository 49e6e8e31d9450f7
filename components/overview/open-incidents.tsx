'use client';

import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { type IncidentRow, PHASES } from '../../core/wire/incidents.ts';
import { openIncidentsQuery } from '../api/incident-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { useScope } from '../shell/scope.tsx';
import { count, duration } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { SeverityShape } from '../ui/severity.tsx';

const ROWS = 5;
const PHASE_WORD: Record<IncidentRow['phase'], string> = {
  triage: 'Triage',
  contain: 'Contain',
  collect: 'Collect evidence',
  eradicate: 'Eradicate',
  recover: 'Recover',
  lessons: 'Lessons learned',
};

export function OpenIncidents() {
  const { href } = useScope();
  const query = useQuery(openIncidentsQuery());
  return (
    <QueryPanel
      title="Open incidents"
      detail={query.data?.openCount}
      what="incidents"
      query={query}
      live
      aside={
        <Link prefetch={false} className="more" href={href('/incidents')}>
          All
          <ChevronRight className="i sm" aria-hidden="true" />
        </Link>
      }
    >
      {(data) =>
        data.rows.length === 0 ? (
          <EmptyState>No incident is open.</EmptyState>
        ) : (
          <ul className="inc">
            {data.rows
              .toSorted((a, b) => a.priority - b.priority || b.lastEventAt.localeCompare(a.lastEventAt))
              .slice(0, ROWS)
              .map((incident) => (
                <IncidentLine key={incident.id} incident={incident} />
              ))}
          </ul>
        )
      }
    </QueryPanel>
  );
}

function IncidentLine({ incident }: { readonly incident: IncidentRow }) {
  const { href, now } = useScope();
  const entities = incident.entities.map((entity) => entity.name).slice(0, 3);
  const events = `${count(incident.eventCount)} ${incident.eventCount === 1 ? 'event' : 'events'}`;
  return (
    <li>
      <SeverityShape priority={incident.priority} label />
      <Link
        prefetch={false}
        className="ti el"
        href={href(`/incidents/${incident.id}`)}
        title={incident.title}
      >
        {incident.title}
      </Link>
      <span className="muted nw num">{duration(now.getTime() - Date.parse(incident.firstEventAt))}</span>
      <span className="me el">
        {[`INC-${incident.id}`, events, entities.join(', ')].filter((part) => part !== '').join(' · ')}
      </span>
      <span className="nw phase">
        <span className="steps" aria-hidden="true">
          {PHASES.map((phase, index) => {
            const at = PHASES.indexOf(incident.phase);
            return <i key={phase} className={index < at ? 'on' : index === at ? 'now' : ''} />;
          })}
        </span>{' '}
        {PHASE_WORD[incident.phase]}
      </span>
    </li>
  );
}
