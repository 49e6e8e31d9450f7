'use client';

import { useQuery } from '@tanstack/react-query';
import { Archive, Circle, ListTree, type LucideIcon, Skull, Snowflake, Sun } from 'lucide-react';
import type { AgentList } from '../../core/wire/agents.ts';
import {
  COMMAND_KINDS,
  COMMAND_TARGETS,
  type CommandKind,
  type CommandTarget,
} from '../../core/wire/commands.ts';
import { useCan } from '../actions/use-can.ts';
import { agentsQuery } from '../api/cluster-queries.ts';
import { useUrlParams } from '../shell/url-params.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { Menu, MenuHeading, MenuItem } from '../ui/menu.tsx';
import { type CommandAsk, commandParams, commandTargetName } from './command-url.ts';
import { COMMAND_WORDS } from './command-words.ts';
import './commands.css';

const ICONS: Record<CommandKind, LucideIcon> = {
  process_snapshot: ListTree,
  collect_evidence: Archive,
  record_capture: Circle,
  freeze: Snowflake,
  thaw: Sun,
  kill: Skull,
};
/** A thaw starts from its freeze. */
const OFFERED = COMMAND_KINDS.filter((kind) => kind !== 'thaw');

type Props = {
  readonly targets: readonly CommandTarget[];
  /** Node whose agent would do it. */
  readonly node: string | null;
  readonly incidentId?: number | undefined;
  /** For readers of a table with one button a row. */
  readonly label?: string;
};

/** What the node's agent can collect or do, by target; what it cannot says why. */
export function CollectMenu({ targets, node, incidentId, label }: Props) {
  const can = useCan('responder');
  const admin = useCan('admin');
  const agents = useQuery({ ...agentsQuery(), enabled: can.allowed });
  const { update } = useUrlParams();
  if (!can.allowed) {
    return (
      <RefusedButton small reason={can.reason}>
        Collect…
      </RefusedButton>
    );
  }
  const open = (kind: CommandKind, target: CommandTarget): void => {
    const ask: CommandAsk = { kind, target, incidentId, undoOf: undefined };
    update(commandParams(ask), 'push');
  };
  const refused = (kind: CommandKind): string | undefined =>
    kind === 'kill' && !admin.allowed ? admin.reason : whyNot(agents.data, node, kind);
  const whys = new Set(OFFERED.map(refused).filter((why) => why !== undefined));
  return (
    <Menu
      align="end"
      trigger={
        <Button small aria-label={label === undefined ? undefined : `Collect from ${label}`}>
          Collect…
        </Button>
      }
    >
      {targets.map((target) => (
        <div key={commandTargetName(target)} className="cmd-group">
          <MenuHeading>{heading(target)}</MenuHeading>
          {OFFERED.filter((kind) => COMMAND_TARGETS[kind].includes(target.kind)).map((kind) => {
            const why = refused(kind);
            const Icon = ICONS[kind];
            return (
              <MenuItem
                key={kind}
                icon={<Icon className="i sm" aria-hidden="true" />}
                detail={
                  why === undefined ? (
                    COMMAND_WORDS[kind].brief
                  ) : (
                    <>
                      Not available<span className="vh">: {why}</span>
                    </>
                  )
                }
                disabled={why !== undefined}
                onSelect={() => open(kind, target)}
              >
                {COMMAND_WORDS[kind].title}…
              </MenuItem>
            );
          })}
        </div>
      ))}
      {whys.size === 0 ? null : (
        <div className="cmd-group cmd-why" aria-hidden="true">
          {[...whys].map((why) => (
            <p key={why}>{why}</p>
          ))}
        </div>
      )}
    </Menu>
  );
}

const heading = (target: CommandTarget): string =>
  target.kind === 'process'
    ? `Process ${target.pid}`
    : `${target.kind === 'pod' ? 'Pod' : 'Node'} ${target.name}`;

/** Why the agent of a node cannot do it; undefined when it can. */
function whyNot(list: AgentList | undefined, node: string | null, kind: CommandKind): string | undefined {
  if (list === undefined) return 'The agents’ state is not known yet';
  if (node === null) return undefined; // the preview finds the node
  const own = list.agents.filter((agent) => agent.node === node);
  const agent = own.toSorted((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt))[0];
  if (agent === undefined) return 'No agent runs on this node';
  if (agent.state === 'silent') return 'The agent of this node is silent';
  const found = agent.commands.find((one) => one.kind === kind);
  if (found === undefined) return 'The agent is too old for this';
  return found.available ? undefined : [found.reason, found.fix].filter(Boolean).join(' ');
}
