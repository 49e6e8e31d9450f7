import type { AgentRow, PreflightItem } from '../../core/wire/agents.ts';
import { CapabilityList } from '../commands/capability-list.tsx';
import { count, dateTimeUtc, duration } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';

const STATE: Record<PreflightItem['state'], { readonly word: string; readonly priority: number | null }> = {
  ok: { word: 'Ok', priority: null },
  degraded: { word: 'Degraded', priority: 4 },
  blind: { word: 'Blind', priority: 3 },
  off: { word: 'Off', priority: null },
};

/** Preflight with fixes first, then identity and counters. */
export function AgentDetail({ agent }: { readonly agent: AgentRow }) {
  return (
    <div className="agent-more">
      <section>
        <h3>Preflight</h3>
        <ul className="pre-list">
          {agent.preflight.map((item) => (
            <PreflightLine key={item.name} item={item} />
          ))}
        </ul>
        <h3>On demand</h3>
        <CapabilityList agent={agent} />
        {agent.rulesetRefused === null ? null : (
          <>
            <h3>Refused ruleset {agent.rulesetRefused.version.slice(0, 12)}</h3>
            <pre className="json">{agent.rulesetRefused.message}</pre>
          </>
        )}
      </section>
      <section>
        <h3>Agent</h3>
        <dl className="kv">
          <dt>Id</dt>
          <dd className="mono">{agent.id}</dd>
          <dt>Version</dt>
          <dd>{agent.version}</dd>
          <dt>Kernel</dt>
          <dd>{agent.kernel ?? 'unknown'}</dd>
          <dt>Started</dt>
          <dd>{dateTimeUtc(agent.startedAt)}</dd>
          <dt>Last seen</dt>
          <dd>{duration(Date.now() - Date.parse(agent.lastSeenAt))} ago</dd>
          <dt>Canary</dt>
          <dd>
            <CanaryState canary={agent.canary} />
          </dd>
          <dt>Sent</dt>
          <dd className="num">
            {count(agent.spool.ackedSeq)} of {count(agent.spool.lastSeq)}
          </dd>
          {Object.entries(agent.counters).map(([name, value]) => (
            <Counter key={name} name={name} value={value} />
          ))}
        </dl>
      </section>
    </div>
  );
}

/** Whether the marked trigger of the node came through, and how long that took. */
function CanaryState({ canary }: Pick<AgentRow, 'canary'>) {
  if (canary === null) return <span className="muted">none: no kernel sensor has run</span>;
  const seen =
    canary.seenAt === null || canary.latencyMs === null
      ? 'none stored yet'
      : `stored ${dateTimeUtc(canary.seenAt)}, ${(canary.latencyMs / 1_000).toFixed(1)} s after its trigger`;
  return (
    <span className="row-gap">
      {canary.isSilent ? <SeverityShape priority={4} label /> : null}
      {canary.isSilent ? `silent: ${seen}` : seen}
    </span>
  );
}

function Counter({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <>
      <dt title={name} className="el">
        {name.replace(/_total$/, '').replaceAll('_', ' ')}
      </dt>
      <dd className="num">{count(value)}</dd>
    </>
  );
}

function PreflightLine({ item }: { readonly item: PreflightItem }) {
  const { word, priority } = STATE[item.state];
  return (
    <li>
      <span>{priority === null ? null : <SeverityShape priority={priority} label />}</span>
      <b>{item.name}</b>
      <span className={item.state === 'ok' || item.state === 'off' ? 'muted' : ''}>{word}</span>
      <span className="t2">
        {item.detail}
        {item.fix === undefined ? null : <span className="fix">{item.fix}</span>}
      </span>
    </li>
  );
}
