import type { AgentRow } from '../../core/wire/agents.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { CollectMenu } from './collect-menu.tsx';
import { COMMAND_WORDS } from './command-words.ts';

type Capability = AgentRow['commands'][number];

/** What the agent does when it is asked, and what it lacks for the rest; one reason is told once. */
export function CapabilityList({ agent }: { readonly agent: AgentRow }) {
  if (agent.commands.length === 0) return <p className="muted">This agent takes no commands; update it.</p>;
  return (
    <>
      <ul className="pre-list">
        {byReason(agent.commands).map((group) => {
          const [{ kind, available, reason, fix }] = group;
          const words = group.map((one) => COMMAND_WORDS[one.kind].title.toLowerCase()).join(', ');
          return (
            <li key={kind}>
              <span>
                {available && reason === undefined ? null : (
                  <SeverityShape priority={available ? 5 : 4} label />
                )}
              </span>
              <b className="cap1">{words}</b>
              <span className={available ? 'muted' : ''}>{available ? 'Available' : 'Refused'}</span>
              <span className="t2">
                {reason ?? COMMAND_WORDS[kind].brief}
                {fix === undefined ? null : <span className="fix">{fix}</span>}
              </span>
            </li>
          );
        })}
      </ul>
      <CollectMenu targets={[{ kind: 'node', name: agent.node }]} node={agent.node} label={agent.node} />
    </>
  );
}

/** Commands that lack the same stand together, in the order of the first of them. */
function byReason(commands: readonly Capability[]): [Capability, ...Capability[]][] {
  const groups = new Map<string, [Capability, ...Capability[]]>();
  for (const one of commands) {
    const key = one.reason === undefined ? one.kind : `${one.available} ${one.reason} ${one.fix}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}
