'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { priorityName } from '../../core/events/priority.ts';
import type { IncidentRow } from '../../core/wire/incidents.ts';
import { type IncidentStatus, incidentsQuery } from '../api/incident-queries.ts';
import { QueryError } from '../api/query-panel.tsx';
import { useScope } from '../shell/scope.tsx';
import { useUrlParams } from '../shell/url-params.ts';
import { Button } from '../ui/button.tsx';
import { count, duration, middle } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Severity } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EntityIcon, PHASE_LABEL, PhaseDots } from './marks.tsx';
import './incidents.css';

const STATUSES = [
  { value: 'open', label: 'Open' },
  { value: 'closed', label: 'Closed' },
  { value: 'all', label: 'All' },
] as const;
const SEVERITIES = [7, 4, 3, 2] as const;
const ENTITIES_SHOWN = 3;

/** All incidents with status and severity filters in the URL. */
export function IncidentList() {
  const { params, update } = useUrlParams();
  const status: IncidentStatus = STATUSES.find((one) => one.value === params.get('status'))?.value ?? 'open';
  const worst = SEVERITIES.find((one) => String(one) === params.get('severity')) ?? 7;
  const query = useInfiniteQuery(incidentsQuery(status));
  const loaded = query.data?.pages.flatMap((page) => page.rows);
  const rows = loaded?.filter((row) => row.priority <= worst);
  const openCount = query.data?.pages[0]?.openCount;
  return (
    <Panel
      title="Incidents"
      detail={openCount === undefined ? undefined : `${count(openCount)} open`}
      refreshing={query.isFetching && loaded !== undefined}
      aside={
        <>
          <label className="selx">
            <span className="vh">Severity</span>
            <select
              className="inp"
              value={worst}
              onChange={(event) => {
                const { value } = event.currentTarget;
                update({ severity: value === '7' ? null : value });
              }}
            >
              {SEVERITIES.map((one) => (
                <option key={one} value={one}>
                  {one === 7 ? 'Any severity' : `${priorityName(one)} or worse`}
                </option>
              ))}
            </select>
          </label>
          <Segmented
            label="Status"
            options={STATUSES}
            value={status}
            onChange={(next) => update({ status: next === 'open' ? null : next })}
          />
        </>
      }
    >
      {rows === undefined ? (
        query.error !== null ? (
          <QueryError query={query} what="incidents" />
        ) : (
          <SkeletonRows rows={8} height={28} what="incidents" />
        )
      ) : rows.length === 0 ? (
        <Nothing
          status={status}
          filtered={worst < 7}
          onClear={() => update({ severity: null, status: 'all' })}
        />
      ) : (
        <ul className="incl">
          {rows.map((row) => (
            <IncidentLine key={row.id} incident={row} />
          ))}
        </ul>
      )}
      {query.hasNextPage ? (
        <div className="morebar">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading' : 'Show older incidents'}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function IncidentLine({ incident }: { readonly incident: IncidentRow }) {
  const { href, now } = useScope();
  const end = incident.closedAt === null ? now.getTime() : Date.parse(incident.closedAt);
  const age = duration(end - Date.parse(incident.openedAt));
  const more = incident.entities.length - ENTITIES_SHOWN;
  return (
    <li>
      <Link prefetch={false} className="incr" href={href(`/incidents/${incident.id}`)}>
        <Severity priority={incident.priority} />
        <span className="incid num muted">INC-{incident.id}</span>
        <span className="inct">
          <b className="el">{incident.title}</b>
          <span className="ents">
            {incident.entities.slice(0, ENTITIES_SHOWN).map((entity) => (
              <span
                key={`${entity.kind}:${entity.name}`}
                className="enti"
                title={`${entity.kind} ${entity.name}`}
              >
                <EntityIcon kind={entity.kind} />
                {middle(entity.name, 36)}
              </span>
            ))}
            {more > 0 ? <span>+{more}</span> : null}
          </span>
        </span>
        <span className="incp">
          <PhaseDots phase={incident.phase} />
          <span>{incident.status === 'closed' ? 'Closed' : PHASE_LABEL[incident.phase]}</span>
        </span>
        <span className="inco el">{incident.owner ?? <span className="muted">No owner</span>}</span>
        <span className="r num t2">{count(incident.eventCount)} events</span>
        <span className="r num muted">{incident.status === 'closed' ? `took ${age}` : age}</span>
      </Link>
    </li>
  );
}

function Nothing(props: {
  readonly status: IncidentStatus;
  readonly filtered: boolean;
  readonly onClear: () => void;
}) {
  const kind = props.status === 'all' ? '' : ` ${props.status}`;
  return (
    <EmptyState
      action={
        props.filtered || props.status !== 'all' ? (
          <Button small onClick={props.onClear}>
            Show all incidents
          </Button>
        ) : undefined
      }
    >
      {props.filtered ? `No${kind} incident has this severity.` : `There is no${kind} incident.`}
    </EmptyState>
  );
}
