'use client';

import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { AgentList, AgentRow } from '../../core/wire/agents.ts';
import { AgentState } from '../nodes/nodes-view.tsx';
import { IconButton } from '../ui/button.tsx';
import { bytes, count, duration } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { AgentDetail } from './agent-detail.tsx';
import { SpoolBar } from './spool-bar.tsx';

const SKEW_MS_MAX = 2_000;
const ORDER = { silent: 0, degraded: 1, healthy: 2 } as const;

/** Worst state first; a row opens to preflight and counters. */
export function AgentTable({ data }: { readonly data: AgentList }) {
  const agents = data.agents.toSorted(
    (a, b) => ORDER[a.state] - ORDER[b.state] || a.node.localeCompare(b.node),
  );
  const [open, setOpen] = useState<string | undefined>(undefined);
  return (
    <table className="cards">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">State</th>
          <th scope="col">Lag</th>
          <th scope="col">Spool</th>
          <th scope="col" className="r">
            Events
          </th>
          <th scope="col" className="r">
            Dropped
          </th>
          <th scope="col">Ruleset</th>
          <th scope="col">Clock</th>
          <th scope="col" className="hide-m">
            Uses
          </th>
          <th scope="col" className="hide-m">
            Version
          </th>
        </tr>
      </thead>
      <tbody>
        {agents.map((agent) => (
          <Fragment key={agent.id}>
            <AgentLine
              agent={agent}
              ruleset={data.rulesetVersion}
              open={open === agent.id}
              onToggle={() => setOpen(open === agent.id ? undefined : agent.id)}
            />
            {open === agent.id ? (
              <tr className="more-row">
                <td colSpan={10}>
                  <AgentDetail agent={agent} />
                </td>
              </tr>
            ) : null}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function AgentLine({
  agent,
  ruleset,
  open,
  onToggle,
}: {
  readonly agent: AgentRow;
  readonly ruleset: string;
  readonly open: boolean;
  readonly onToggle: () => void;
}) {
  const dropped = agent.counters.probe_dropped_total ?? 0;
  const blind = agent.preflight.filter((item) => item.state === 'blind').length;
  const silentFor = duration(Date.now() - Date.parse(agent.lastSeenAt));
  return (
    <tr>
      <td data-label="Node">
        <span className="row-gap">
          <IconButton
            label={`${open ? 'Hide' : 'Show'} details of ${agent.node}`}
            aria-expanded={open}
            onClick={onToggle}
          >
            {open ? <ChevronDown className="i sm" /> : <ChevronRight className="i sm" />}
          </IconButton>
          <b className="nm">{agent.node}</b>
        </span>
      </td>
      <td data-label="State">
        <span className="row-gap">
          <AgentState state={agent.state} />
          {agent.state === 'silent' ? <span className="muted">for {silentFor}</span> : null}
          {blind > 0 ? <span className="muted">{blind} blind</span> : null}
        </span>
      </td>
      <td data-label="Lag" className="num">
        {agent.lagMs === null
          ? '–'
          : agent.lagMs < 10_000
            ? `${(agent.lagMs / 1_000).toFixed(1)} s`
            : duration(agent.lagMs)}
      </td>
      <td data-label="Spool">
        <SpoolBar bytes={agent.spool.bytes} max={agent.spool.bytesMax} />
      </td>
      <td data-label="Events" className="r num">
        {count(agent.counters.events_total ?? agent.spool.lastSeq)}
      </td>
      <td data-label="Dropped" className="r num">
        <span className="row-gap end">
          {dropped > 0 ? <SeverityShape priority={4} label /> : null}
          {count(dropped)}
        </span>
      </td>
      <td data-label="Ruleset">
        <RulesetState agent={agent} ruleset={ruleset} />
      </td>
      <td data-label="Clock" className="num">
        <span className="row-gap">
          {Math.abs(agent.clockSkewMs) > SKEW_MS_MAX ? <SeverityShape priority={4} label /> : null}
          {agent.clockSkewMs > 0 ? '+' : ''}
          {(agent.clockSkewMs / 1_000).toFixed(2)} s
        </span>
      </td>
      <td data-label="Uses" className="num hide-m">
        {[
          agent.cpuFraction === null ? undefined : `${(agent.cpuFraction * 100).toFixed(1)} % CPU`,
          agent.residentBytes === null ? undefined : bytes(agent.residentBytes),
        ]
          .filter((part) => part !== undefined)
          .join(', ') || '–'}
      </td>
      <td data-label="Version" className="hide-m">
        {agent.version}
      </td>
    </tr>
  );
}

function RulesetState({ agent, ruleset }: { readonly agent: AgentRow; readonly ruleset: string }) {
  const short = agent.rulesetVersion.slice(0, 12);
  if (agent.rulesetRefused !== null) {
    return (
      <span className="row-gap" title={agent.rulesetRefused.message}>
        <SeverityShape priority={3} label />
        refused {agent.rulesetRefused.version.slice(0, 12)}
      </span>
    );
  }
  if (agent.rulesetVersion === ruleset) return <code>{short}</code>;
  return (
    <span className="row-gap" title={`The server has ${ruleset}`}>
      <SeverityShape priority={5} label />
      <code>{short}</code> differs
    </span>
  );
}
