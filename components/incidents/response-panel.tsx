'use client';

import clsx from 'clsx';
import { useState } from 'react';
import { type IncidentDetail, PHASES, type Phase } from '../../core/wire/incidents.ts';
import { useCan, useCanAct } from '../actions/use-can.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { Tag } from '../ui/chip.tsx';
import { podOf } from './entity.ts';
import { PHASE_LABEL } from './marks.tsx';
import { NodeAction, PodAction } from './response-actions.tsx';
import { useIncidentChange } from './use-incident-change.ts';
import '../data-table/check-box.css';

const TARGETS_MAX = 8;

/** Recommended actions on the incident's pods and nodes, and the checklist of the phase on show. */
export function ResponsePanel({ detail, phase }: { readonly detail: IncidentDetail; readonly phase: Phase }) {
  const { incident } = detail;
  const act = useCanAct();
  const [all, setAll] = useState(false);
  const pods = incident.entities.flatMap((entity) => podOf(entity) ?? []);
  const nodes = incident.entities.filter((entity) => entity.kind === 'node');
  const hidden = pods.length + nodes.length - TARGETS_MAX;
  return (
    <section className={clsx('pn rp', all && 'all')} aria-label="Response">
      <div className="ph">
        <h2>Response</h2>
        <span className="grow" />
        <Button small className="mini" onClick={() => setAll(!all)}>
          {all ? 'Fewer actions' : 'All actions'}
        </Button>
        <span className="hide-s">
          <Tag>{incident.status === 'closed' ? 'Closed' : PHASE_LABEL[incident.phase]}</Tag>
        </span>
      </div>
      <div className="sec">
        <h3>Next, recommended</h3>
        {pods.length + nodes.length === 0 ? (
          <p className="muted">No pod and no node belongs to this incident yet.</p>
        ) : (
          <ul className="ra">
            {pods.slice(0, TARGETS_MAX).map((pod, index) => (
              <PodAction
                key={`${pod.namespace}/${pod.name}`}
                pod={pod}
                incidentId={incident.id}
                first={index === 0}
              />
            ))}
            {nodes.slice(0, Math.max(0, TARGETS_MAX - pods.length)).map((node) => (
              <NodeAction key={node.name} node={node.name} incidentId={incident.id} />
            ))}
          </ul>
        )}
        {hidden > 0 ? <p className="muted">{hidden} more pods and nodes are in the chips above.</p> : null}
        {act.allowed ? null : (
          <p className="muted why">
            {act.reason}. {act.help}
          </p>
        )}
      </div>
      <Checklist detail={detail} phase={phase} />
    </section>
  );
}

function Checklist({ detail, phase }: { readonly detail: IncidentDetail; readonly phase: Phase }) {
  const { incident } = detail;
  const can = useCan('responder');
  const change = useIncidentChange(incident.id);
  const items = detail.checklist.filter((item) => item.phase === phase);
  const done = items.filter((item) => item.done).length;
  const next = PHASES[PHASES.indexOf(incident.phase) + 1];
  const target = phase === incident.phase ? next : phase;
  const refusal = !can.allowed
    ? can.reason
    : incident.status === 'closed'
      ? 'The incident is closed. Reopen it first'
      : undefined;
  return (
    <div className="sec last">
      <h3>
        {PHASE_LABEL[phase]} checklist{' '}
        <span className="ct">
          {done} of {items.length}
        </span>
      </h3>
      <ul className="ck">
        {items.map((item) => (
          <li key={item.key} className={item.done ? 'done' : undefined}>
            <label title={item.doneBy === null ? undefined : `${item.doneBy}, ${item.doneAt ?? ''}`}>
              <input
                type="checkbox"
                className="cbx"
                checked={item.done}
                disabled={!can.allowed || change.isPending}
                onChange={() => change.mutate({ checklist: { key: item.key, done: !item.done } })}
              />
              {item.label}
            </label>
          </li>
        ))}
      </ul>
      {target === undefined ? null : refusal === undefined ? (
        <Button small disabled={change.isPending} onClick={() => change.mutate({ phase: target })}>
          Move to {PHASE_LABEL[target]}
        </Button>
      ) : (
        <RefusedButton small reason={refusal}>
          Move to {PHASE_LABEL[target]}
        </RefusedButton>
      )}
    </div>
  );
}
