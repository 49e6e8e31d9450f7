'use client';

import { useQuery } from '@tanstack/react-query';
import type { ClusterStatus, NodeRow } from '../../core/wire/cluster.ts';
import { meQuery } from '../api/account-queries.ts';
import { useScope } from '../shell/scope.tsx';
import { LinkButton, RefusedButton } from '../ui/button.tsx';

/** Opens the preview of cordon or uncordon; the link itself changes nothing. */
export function NodeAction({ node, cluster }: { readonly node: NodeRow; readonly cluster: ClusterStatus }) {
  const { href } = useScope();
  const role = useQuery(meQuery()).data?.user.role;
  const action = node.unschedulable ? 'uncordon' : 'cordon';
  const label = node.unschedulable ? 'Uncordon…' : 'Cordon…';
  const reason = !cluster.reachable
    ? (cluster.help ?? 'The Kubernetes API cannot be reached')
    : role === 'viewer'
      ? 'Responders and administrators can do this'
      : undefined;
  if (reason !== undefined) {
    return (
      <RefusedButton small reason={reason}>
        {label}
      </RefusedButton>
    );
  }
  const query = new URLSearchParams({ preview: action, target: `node/${node.name}` });
  return (
    <LinkButton small href={href(`/nodes?${query}`)} scroll={false} aria-label={`${label} ${node.name}`}>
      {label}
    </LinkButton>
  );
}
