'use client';

import { useQuery } from '@tanstack/react-query';
import { ShieldBan } from 'lucide-react';
import { priorityName } from '../../core/events/priority.ts';
import type { IncidentRow } from '../../core/wire/incidents.ts';
import { openIncidentsQuery } from '../api/incident-queries.ts';
import { LinkButton } from '../ui/button.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { useScope } from './scope.tsx';

const URGENT = 2;

/** The highest open incident at Critical or above; absent otherwise. */
export function AttentionStrip() {
  const { data } = useQuery(openIncidentsQuery());
  const { href } = useScope();
  const incident = data && mostUrgent(data.rows);
  if (!incident) return null;
  const pod = podOf(incident);
  const name = priorityName(incident.priority);
  return (
    <section className={`att s${incident.priority}b`} aria-label="Active incident">
      <SeverityShape priority={incident.priority} label size={16} />
      <p>
        <b>
          {name}: {incident.title.replace(/\.$/, '')}.
        </b>{' '}
        <span className="t2">{incident.summary}</span>
      </p>
      <div className="acts">
        <LinkButton small href={href(`/incidents/${incident.id}`)}>
          Open INC-{incident.id}
        </LinkButton>
        {pod === undefined || incident.phase !== 'triage' ? null : (
          <LinkButton
            small
            look="primary"
            href={href(
              `/incidents/${incident.id}?preview=quarantine&target=pod/${pod}&incident=${incident.id}`,
            )}
          >
            <ShieldBan className="i sm" aria-hidden="true" />
            Review quarantine
          </LinkButton>
        )}
      </div>
    </section>
  );
}

/** Highest priority first, then the one that was active last. */
export function mostUrgent(rows: readonly IncidentRow[]): IncidentRow | undefined {
  return rows
    .filter((row) => row.status === 'open' && row.priority <= URGENT)
    .toSorted((a, b) => a.priority - b.priority || b.lastEventAt.localeCompare(a.lastEventAt))[0];
}

function podOf(incident: IncidentRow): string | undefined {
  return incident.entities.find((entity) => entity.kind === 'pod' && entity.name.includes('/'))?.name;
}
