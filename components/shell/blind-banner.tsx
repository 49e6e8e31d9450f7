'use client';

import { useQuery } from '@tanstack/react-query';
import { agentsQuery } from '../api/cluster-queries.ts';
import { LinkButton } from '../ui/button.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { agentSummary } from './agent-health.tsx';

const NAMES_MAX = 4;

/** Shown while fewer than 90 % of the agents report: what nobody sees must not look like peace. */
export function BlindBanner() {
  const { data } = useQuery(agentsQuery());
  if (!data || data.agents.length === 0) return null;
  const { priority, silent } = agentSummary(data);
  const unproven = data.agents.filter(({ state, canary }) => state !== 'silent' && canary?.isSilent);
  if (priority !== 3 && unproven.length === 0) return null;
  if (priority !== 3) return <UnprovenBanner nodes={unproven.map((agent) => agent.node)} />;
  const names = silent.slice(0, NAMES_MAX).map((agent) => agent.node);
  const more = silent.length > NAMES_MAX ? ` and ${silent.length - NAMES_MAX} more` : '';
  return (
    <section className="att plain" aria-label="Blind spots">
      <SeverityShape priority={3} label size={16} />
      <p>
        <b>
          Blind spots on {silent.length} {silent.length === 1 ? 'node' : 'nodes'}.
        </b>{' '}
        <span className="t2">
          {names.join(', ')}
          {more} {silent.length === 1 ? 'sends' : 'send'} nothing, so nothing can be seen there.
        </span>
      </p>
      <div className="acts">
        <LinkButton small href="/agents">
          Open agents
        </LinkButton>
      </div>
    </section>
  );
}

/** Agents report, yet what they must detect is not stored. */
function UnprovenBanner({ nodes }: { readonly nodes: readonly string[] }) {
  const more = nodes.length > NAMES_MAX ? ` and ${nodes.length - NAMES_MAX} more` : '';
  return (
    <section className="att plain" aria-label="Unproven nodes">
      <SeverityShape priority={4} label size={16} />
      <p>
        <b>The canary is silent.</b>{' '}
        <span className="t2">
          A marked trigger on {nodes.slice(0, NAMES_MAX).join(', ')}
          {more} was not detected and stored, so other alerts may be missing too.
        </span>
      </p>
      <div className="acts">
        <LinkButton small href="/agents">
          Open agents
        </LinkButton>
      </div>
    </section>
  );
}
