import type { AgentRow } from '../../core/wire/agents.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { CollectMenu } from './collect-menu.tsx';
import { COMMAND_WORDS } from './command-words.ts';

/** What the agent does when it is asked, and what it lacks for the rest. */
export function CapabilityList({ agent }: { readonly agent: AgentRow }) {
  if (agent.commands.length === 0) return <p className="muted">This agent takes no commands; update it.</p>;
  return (
    <>
      <ul className="pre-list">
        {agent.commands.map(({ kind, available, reason, fix }) => (
          <li key={kind}>
            <span>
              {available && reason === undefined ? null : (
                <SeverityShape priority={available ? 5 : 4} label />
              )}
            </span>
            <b>{COMMAND_WORDS[kind].title}</b>
            <span className={available ? 'muted' : ''}>{available ? 'Available' : 'Not available'}</span>
            <span className="t2">
              {reason ?? COMMAND_WORDS[kind].brief}
              {fix === undefined ? null : <span className="fix">{fix}</span>}
            </span>
          </li>
        ))}
      </ul>
      <CollectMenu targets={[{ kind: 'node', name: agent.node }]} node={agent.node} label={agent.node} />
    </>
  );
}
