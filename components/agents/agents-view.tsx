'use client';

import { useQuery } from '@tanstack/react-query';
import type { AgentList } from '../../core/wire/agents.ts';
import { agentsQuery } from '../api/cluster-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { agentSummary } from '../shell/agent-health.tsx';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { AgentTable } from './agent-table.tsx';

/** Who watches, how well, and what nobody watches. */
export function AgentsView() {
  const query = useQuery(agentsQuery());
  const summary = query.data && agentSummary(query.data);
  return (
    <>
      {query.data && query.data.blind.length > 0 ? <BlindSources blind={query.data.blind} /> : null}
      <QueryPanel
        title="Agents"
        detail={summary && `${summary.reporting} of ${summary.total} reporting`}
        what="agents"
        query={query}
        live
        className="scroll-x"
        aside={
          query.data && query.data.agents.length > 0 ? (
            <span className="muted small">
              ruleset <code>{query.data.rulesetVersion.slice(0, 12)}</code>
            </span>
          ) : undefined
        }
      >
        {(data) =>
          data.agents.length === 0 ? (
            <EmptyState>
              No agent has reported yet. Make an agent token in Settings, then start the agent on a node: the
              first heartbeat enrols it.
            </EmptyState>
          ) : (
            <AgentTable data={data} />
          )
        }
      </QueryPanel>
    </>
  );
}

function BlindSources({ blind }: { readonly blind: AgentList['blind'] }) {
  return (
    <Panel title="Blind sources" detail="nobody watches these, so nothing from them can be seen">
      <ul className="blind">
        {blind.map((item) => (
          <li key={item.source}>
            <SeverityShape priority={4} label />
            <b>{item.source}</b>
            <span className="t2">{item.why}</span>
            <span>{item.fix}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
