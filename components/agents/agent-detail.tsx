import type { AgentRow, PreflightItem } from '../../core/wire/agents.ts';
import { CapabilityList } from '../commands/capability-list.tsx';
import { count, dateTimeUtc, duration } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';

const STATE: Record<PreflightItem['state'], { readonly word: string; readonly priority: number | null }> = {
  ok: { word: 'Ok', priority: null },
  limited: { word: 'Limited', priority: 5 },
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
        </dl>
      </section>
      <Counters counters={agent.counters} />
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

/** By name, in columns; what counted nothing is behind one line. */
function Counters({ counters }: Pick<AgentRow, 'counters'>) {
  const all = Object.entries(counters).toSorted(([a], [b]) => a.localeCompare(b));
  const idle = all.filter(([, value]) => value === 0);
  return (
    <section className="counters">
      <h3>Counters since the start</h3>
      <CounterColumns counters={all.filter(([, value]) => value !== 0)} />
      {idle.length === 0 ? null : (
        <details>
          <summary>{idle.length} counters are at 0</summary>
          <CounterColumns counters={idle} />
        </details>
      )}
    </section>
  );
}

function CounterColumns({ counters }: { readonly counters: readonly (readonly [string, number])[] }) {
  return (
    <dl>
      {counters.map(([name, value]) => (
        <div key={name}>
          <dt title={name}>{name.replace(/_total$/, '').replaceAll('_', ' ')}</dt>
          <dd className="num">{count(value)}</dd>
        </div>
      ))}
    </dl>
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
