import { release } from 'node:os';
import type { Heartbeat, PreflightItem } from '../core/wire/agents.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { AgentConfig } from './config.ts';
import type { Detector } from './detect/detector.ts';
import type { RulesetHolder } from './detect/ruleset-holder.ts';
import type { DomainNames } from './enrich/domain-names.ts';
import type { HeartbeatLoop } from './heartbeat.ts';
import type { Sender } from './send/sender.ts';
import type { SensorLoop } from './sensor-loop.ts';
import type { AuditLog } from './sources/audit-log.ts';
import type { Sources } from './sources/sources.ts';
import type { Spool } from './spool/spool.ts';

type Parts = {
  readonly config: AgentConfig;
  readonly agentId: string;
  readonly spool: Spool;
  readonly sender: Sender;
  readonly rules: RulesetHolder;
  readonly detector: Detector;
  readonly sensors: SensorLoop;
  readonly audit: AuditLog | undefined;
  readonly sources: Sources;
  readonly heartbeat: HeartbeatLoop;
  readonly domains: DomainNames;
};

/** Gathers what the parts of the agent say of themselves, for heartbeats and metrics. */
export class Status {
  preflight: readonly PreflightItem[] = [];
  /** Set while the token belongs to another cluster than the one configured. */
  clusterFault: string | undefined;
  /** Faults that reached no handler of their own. */
  faults = 0;
  readonly #parts: Parts;
  readonly #startedAt = new Date();
  #cpu = { usage: process.cpuUsage(), atMs: performance.now() };

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  heartbeat(): Heartbeat {
    const { agentId, config, rules, spool } = this.#parts;
    const { refused, version } = rules.state;
    const { epoch, ...spoolState } = spool.state;
    return {
      agentId,
      node: config.node,
      version: packageJson.version,
      kernel: release().slice(0, 128),
      startedAt: this.#startedAt.toISOString(),
      now: new Date().toISOString(),
      epoch,
      preflight: [...this.#health(), ...this.preflight].slice(0, 64),
      counters: this.#counters(),
      spool: spoolState,
      residentBytes: process.memoryUsage.rss(),
      cpuFraction: this.#cpuFraction(),
      ruleset: { version, refused },
    };
  }

  /** Every number there is, for Prometheus. */
  numbers(): Record<string, number> {
    const { bytes, bytesMax, lastSeq, ackedSeq } = this.#parts.spool.state;
    return {
      ...this.#counters(),
      spool_bytes: bytes,
      spool_bytes_max: bytesMax,
      spool_last_seq: lastSeq,
      spool_acked_seq: ackedSeq,
      resident_bytes: process.memoryUsage.rss(),
    };
  }

  #health(): PreflightItem[] {
    const { health, lastError = '' } = this.#parts.sender.state;
    const { sensors, sources, domains } = this.#parts;
    const items = [sensors.health, ...sources.health];
    if (domains.health !== undefined) items.push(domains.health);
    const degraded = (name: string, detail: string) =>
      items.push({ name, state: 'degraded', detail: detail.slice(0, 1_024) });
    if (health !== 'ok') degraded('delivery', lastError);
    if (this.clusterFault !== undefined) degraded('cluster', this.clusterFault);
    return items;
  }

  #counters(): Record<string, number> {
    const { sensors, detector, audit, sources, heartbeat, sender } = this.#parts;
    const { batches, items, bytes, retries, rejected } = sender.state;
    return {
      ...sensors.counters,
      ...totals(detector.counters),
      ...totals(audit?.counters ?? {}),
      ...totals(sources.counters),
      ...heartbeat.counters,
      connections_collapsed_total: detector.activity.collapsed,
      sent_batches_total: batches,
      sent_items_total: items,
      sent_bytes_total: bytes,
      send_retries_total: retries,
      rejected_items_total: rejected,
      faults_total: this.faults,
      audit_lag_ms: audit?.lagMs ?? 0,
      node_log_lag_ms: sources.nodeLogLagMs,
    };
  }

  /** Share of one core since the last call. */
  #cpuFraction(): number {
    const atMs = performance.now();
    const used = process.cpuUsage(this.#cpu.usage);
    const fraction = (used.user + used.system) / 1_000 / Math.max(1, atMs - this.#cpu.atMs);
    this.#cpu = { usage: process.cpuUsage(), atMs };
    return fraction;
  }
}

function totals(counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, value]) => [`${name}_total`, value]));
}
