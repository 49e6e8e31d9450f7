'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import Link from 'next/link';
import type { AgentList } from '../../core/wire/agents.ts';
import { agentsQuery } from '../api/cluster-queries.ts';
import { SeverityShape } from '../ui/severity.tsx';

const BLIND_BELOW = 0.9;

/**
 * Reporting agents of all agents: check, warning shape from the first silent one, error below 90 %. A silent agent
 * whose node has one that reports was replaced: it hides nothing.
 */
export function agentSummary({ agents: all }: Pick<AgentList, 'agents'>) {
  const watched = new Set(all.filter((agent) => agent.state !== 'silent').map((agent) => agent.node));
  const agents = all.filter((agent) => agent.state !== 'silent' || !watched.has(agent.node));
  const reporting = agents.filter((agent) => agent.state !== 'silent').length;
  const degraded = agents.filter((agent) => agent.state === 'degraded').length;
  const priority =
    agents.length === 0 || reporting < agents.length * BLIND_BELOW
      ? 3
      : reporting < agents.length || degraded > 0
        ? 4
        : null;
  return {
    reporting,
    total: agents.length,
    degraded,
    priority,
    silent: agents.filter((agent) => agent.state === 'silent'),
  };
}

export function AgentHealth() {
  const { data } = useQuery(agentsQuery());
  if (!data) return null;
  const { reporting, total, degraded, priority, silent } = agentSummary(data);
  const names = silent.slice(0, 5).map((agent) => agent.node);
  const more = silent.length > 5 ? ` and ${silent.length - 5} more` : '';
  const title = [
    `${reporting} of ${total} node agents reporting.`,
    degraded > 0 ? `${degraded} degraded.` : '',
    names.length > 0 ? `Silent: ${names.join(', ')}${more}.` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
  return (
    <Link prefetch={false} className="sel ag" href="/agents" title={title}>
      {priority === null ? (
        <CircleCheck className="i sm" aria-hidden="true" />
      ) : (
        <SeverityShape priority={priority} label />
      )}
      <span className="num lb">
        {reporting}/{total}
      </span>
      <span className="muted agl">agents</span>
    </Link>
  );
}
