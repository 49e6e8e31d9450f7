'use client';

import { useQuery } from '@tanstack/react-query';
import { Ban, ShieldBan } from 'lucide-react';
import { ACTION_WORDS } from '../actions/action-words.ts';
import { PreviewButton } from '../actions/preview-button.tsx';
import { QuarantineBadge } from '../actions/quarantine-badge.tsx';
import { useCanAct } from '../actions/use-can.ts';
import { nodesQuery, podQuery } from '../api/cluster-queries.ts';
import { Tag } from '../ui/chip.tsx';
import { middle } from '../ui/format.ts';

/** Quarantine of one pod, or its release where it is isolated already. */
export function PodAction(props: {
  readonly pod: { readonly namespace: string; readonly name: string };
  readonly incidentId: number;
  /** The first one is the one main action of the page. */
  readonly first: boolean;
}) {
  const { pod, incidentId, first } = props;
  const act = useCanAct();
  const state = useQuery({ ...podQuery(pod.namespace, pod.name), enabled: act.allowed });
  const isolated = state.data?.quarantine != null;
  const gone = state.data?.exists === false;
  const action = isolated ? 'release' : 'quarantine';
  return (
    <li>
      <ShieldBan className="i" aria-hidden="true" />
      <span>
        <b>{ACTION_WORDS[action].title}</b>
        <span className="me el" title={`${pod.namespace}/${pod.name}`}>
          {pod.namespace}/{middle(pod.name, 34)}
        </span>
        {isolated ? <QuarantineBadge state={state.data} /> : null}
        <span className="me">{gone ? 'The pod does not exist any more' : ACTION_WORDS[action].brief}</span>
      </span>
      {gone ? (
        <Tag>gone</Tag>
      ) : (
        <PreviewButton
          request={{ action, target: { kind: 'pod', ...pod }, incidentId }}
          labelWhenRefused
          {...(first && !isolated ? { look: 'primary' as const } : {})}
        >
          Preview
        </PreviewButton>
      )}
    </li>
  );
}

/** Cordon of one node, or its end where it is cordoned already. */
export function NodeAction({ node, incidentId }: { readonly node: string; readonly incidentId: number }) {
  const act = useCanAct();
  const nodes = useQuery({ ...nodesQuery(), enabled: act.allowed });
  const row = nodes.data?.nodes.find((one) => one.name === node);
  const action = row?.unschedulable === true ? 'uncordon' : 'cordon';
  return (
    <li>
      <Ban className="i" aria-hidden="true" />
      <span>
        <b>{ACTION_WORDS[action].title}</b>
        <span className="me">{node}</span>
        {action === 'uncordon' ? <Tag>cordoned</Tag> : null}
        <span className="me">{ACTION_WORDS[action].brief}</span>
      </span>
      <PreviewButton request={{ action, target: { kind: 'node', name: node }, incidentId }} labelWhenRefused>
        Preview
      </PreviewButton>
    </li>
  );
}
