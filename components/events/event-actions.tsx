'use client';

import { useQuery } from '@tanstack/react-query';
import { Ban, CircleCheck, ShieldBan, ShieldOff } from 'lucide-react';
import { useState } from 'react';
import type { CommandTarget } from '../../core/wire/commands.ts';
import type { EventRow } from '../../core/wire/events.ts';
import { PreviewButton } from '../actions/preview-button.tsx';
import { useCan, useCanAct } from '../actions/use-can.ts';
import { podQuery } from '../api/cluster-queries.ts';
import { CollectMenu } from '../commands/collect-menu.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { CreateIncident } from './create-incident.tsx';

type Props = {
  readonly row: EventRow;
  readonly incident: { readonly id: number; readonly title: string } | undefined;
};

/** What can be done about an event; what cannot says why. */
export function EventActions({ row, incident }: Props) {
  const [creating, setCreating] = useState(false);
  const canCreate = useCan('responder');
  const act = useCanAct();
  const { namespace, pod, node } = row;
  const hasPod = namespace !== null && pod !== null;
  const state = useQuery({ ...podQuery(namespace ?? '', pod ?? ''), enabled: hasPod && act.allowed });
  const incidentId = incident?.id;
  const quarantined = state.data?.quarantine != null;
  const cordoned = state.data?.nodeUnschedulable === true;
  return (
    <>
      <div className="acts">
        {incident !== undefined ? (
          <LinkButton small look="primary" href={`/incidents/${incident.id}`} title={incident.title}>
            Open INC-{incident.id}
          </LinkButton>
        ) : canCreate.allowed ? (
          <Button small onClick={() => setCreating(true)}>
            Create incident…
          </Button>
        ) : null}
        {hasPod ? (
          <PreviewButton
            request={{
              action: quarantined ? 'release' : 'quarantine',
              target: { kind: 'pod', namespace, name: pod },
              incidentId,
            }}
          >
            {quarantined ? (
              <ShieldOff className="i sm" aria-hidden="true" />
            ) : (
              <ShieldBan className="i sm" aria-hidden="true" />
            )}
            {quarantined ? 'Release…' : 'Quarantine…'}
          </PreviewButton>
        ) : null}
        {node !== null ? (
          <PreviewButton
            request={{
              action: cordoned ? 'uncordon' : 'cordon',
              target: { kind: 'node', name: node },
              incidentId,
            }}
          >
            {cordoned ? (
              <CircleCheck className="i sm" aria-hidden="true" />
            ) : (
              <Ban className="i sm" aria-hidden="true" />
            )}
            {cordoned ? 'Uncordon node…' : 'Cordon node…'}
          </PreviewButton>
        ) : null}
        {node !== null ? (
          <CollectMenu targets={collectTargets(row, node)} node={node} incidentId={incidentId} />
        ) : null}
      </div>
      {!act.allowed && (hasPod || node !== null) ? (
        <p className="muted why">
          {act.reason}. {act.help}
        </p>
      ) : null}
      {creating ? (
        <CreateIncident
          events={[row]}
          onClose={() => setCreating(false)}
          onCreated={() => setCreating(false)}
        />
      ) : null}
    </>
  );
}

/** The process as it was seen at the event's time, then what holds it. */
function collectTargets({ namespace, pod, pid, time }: EventRow, node: string): CommandTarget[] {
  return [
    ...(namespace !== null && pod !== null ? [{ kind: 'pod', namespace, name: pod } as const] : []),
    ...(pid !== null && pid > 1 ? [{ kind: 'process', node, pid, seenAt: time } as const] : []),
    { kind: 'node', name: node },
  ];
}
