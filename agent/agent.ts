import type { Server } from 'node:http';
import { join } from 'node:path';
import type { EventRecord, GapRecord, Source } from '../core/events/event.ts';
import { askedDomains } from '../core/rules/asked-domains.ts';
import type { Ruleset } from '../core/rules/ruleset.ts';
import type { HeartbeatReply } from '../core/wire/agents.ts';
import { Canary } from './canary.ts';
import { ClockWatch } from './clock-watch.ts';
import { AgentCommands } from './commands/agent-commands.ts';
import type { AgentConfig } from './config.ts';
import { Detector } from './detect/detector.ts';
import { findShippedRules, isSameDirectory, watchRuleFiles } from './detect/rule-files.ts';
import { RulesetHolder } from './detect/ruleset-holder.ts';
import { DomainNames, resolveDomain } from './enrich/domain-names.ts';
import { HeapTrim } from './heap-trim.ts';
import { HeartbeatLoop } from './heartbeat.ts';
import { agentIdentity, readAlive, writeAlive } from './identity.ts';
import type { Log } from './log.ts';
import { serveMetrics } from './metrics.ts';
import { preflight } from './preflight/preflight.ts';
import { HttpClient } from './send/http-client.ts';
import { Sender } from './send/sender.ts';
import type { Sensor } from './sensor.ts';
import { SensorLoop } from './sensor-loop.ts';
import { AuditLog } from './sources/audit-log.ts';
import { Sources } from './sources/sources.ts';
import { eventLine, fillLine } from './spool/item.ts';
import { Spool } from './spool/spool.ts';
import { Status } from './status.ts';

const TICK_MS = 1_000;
const PREFLIGHT_EVERY_MS = 60_000;

/**
 * The node agent: sensor and audit log → detect → spool → send, and heartbeats beside it. This class only
 * wires the parts; nothing in here throws after start().
 */
export class Agent {
  readonly #config: AgentConfig;
  readonly #log: Log;
  readonly #agentId: string;
  readonly #client: HttpClient;
  readonly #spool: Spool;
  readonly #sender: Sender;
  readonly #rules: RulesetHolder;
  readonly #detector: Detector;
  readonly #sensors: SensorLoop;
  readonly #audit: AuditLog | undefined;
  readonly #sources: Sources;
  readonly #heartbeat: HeartbeatLoop;
  readonly #status: Status;
  readonly #commands: AgentCommands;
  readonly #canary: Canary;
  readonly #clock = new ClockWatch();
  readonly #domains: DomainNames;
  readonly #heap = new HeapTrim();
  readonly #closers: { close(): void }[] = [];
  #metrics: Server | undefined;
  #aliveFault: string | undefined;
  #tick: NodeJS.Timeout | undefined;
  #lookedAt: { ms: number; hello: Sensor['hello'] | undefined } = { ms: 0, hello: undefined };

  constructor(config: AgentConfig, log: Log) {
    this.#config = config;
    this.#log = log;
    const { id: agentId, secret } = agentIdentity(config.data);
    this.#agentId = agentId;
    const alive = readAlive(config.data);
    this.#client = new HttpClient({ server: config.server, tokenFile: config.tokenFile, secret });
    this.#spool = new Spool({
      dir: join(config.data, 'spool'),
      node: config.node,
      bytesMax: config.spoolMib * 1024 * 1024,
      onError: log,
    });
    this.#sender = new Sender({
      client: this.#client,
      spool: this.#spool,
      agentId,
      onError: log,
    });
    const sensor = {
      dropped: () => this.#sensors.sensor?.counters().probe_dropped,
      widen: () => this.#sensors.widen(),
    };
    this.#canary = new Canary({ log });
    this.#domains = new DomainNames({ resolve: (name) => resolveDomain(name, config.kubeconfig) });
    this.#commands = new AgentCommands({ config, agentId, secret, sensor, log });
    this.#detector = new Detector({
      node: config.node,
      ruleset: () => this.#rules.ruleset,
      activity: config.activity ?? 'full',
      onError: log,
      domainNames: () => this.#domains.byAddress,
    });
    this.#sensors = new SensorLoop(
      {
        config,
        nowMs: Date.now,
        log,
        onEvent: (event) => {
          this.#store(this.#detector.syscall(event));
          this.#commands.tap.push(event);
        },
        onGap: (gap) => this.#spool.appendGap({ node: config.node, ...gap }),
        onFill: (container) => this.#storeFill(container),
      },
      alive?.sources.includes('syscall') ? alive.atMs : undefined,
    );
    this.#rules = this.#holdRules();
    this.#audit = config.auditLog === undefined ? undefined : this.#followAuditLog(config.auditLog);
    this.#sources = new Sources({
      config,
      spool: this.#spool,
      hasSensor: () => this.#sensors.sensor !== undefined,
      containerOf: (cgroup) => this.#sensors.sensor?.containerOf(cgroup),
      log,
    });
    this.#heartbeat = new HeartbeatLoop({
      client: this.#client,
      build: () => ({
        ...this.#status.heartbeat(),
        commands: this.#commands.capabilities(),
        canary: this.#canary.state,
      }),
      onReply: (reply) => this.#obey(reply),
      onError: log,
    });
    this.#status = new Status({
      config,
      agentId,
      spool: this.#spool,
      sender: this.#sender,
      rules: this.#rules,
      detector: this.#detector,
      sensors: this.#sensors,
      audit: this.#audit,
      sources: this.#sources,
      heartbeat: this.#heartbeat,
      domains: this.#domains,
    });
  }

  /** Errors: rejects when the metrics port is taken. */
  async start(): Promise<void> {
    const { metricsPort, server, node } = this.#config;
    if (metricsPort !== undefined)
      this.#metrics = await serveMetrics(metricsPort, () => this.#status.numbers());
    this.#log(
      `agent ${this.#agentId} on node ${node} sends to ${server}, rules ${this.#rules.state.version}`,
    );
    if (this.#spool.tornBytes > 0)
      this.#log(`spool: cut ${this.#spool.tornBytes} bytes of an unfinished write`);
    this.#takeRules(this.#rules.ruleset);
    this.#heartbeat.start();
    this.#sender.start();
    this.#sensors.start();
    this.#audit?.start();
    this.#sources.start();
    void this.#look();
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
  }

  /** Sources first, then what they left in the spool, then the position on the time axis. */
  async stop(sendMs: number): Promise<void> {
    clearInterval(this.#tick);
    for (const closer of this.#closers) closer.close();
    this.#audit?.close();
    await this.#sources.close();
    await this.#sensors.stop();
    this.#spool.flush();
    await this.#sender.stop(sendMs);
    this.#heartbeat.stop();
    this.#commands.stop();
    this.#domains.stop();
    this.#markAlive();
    this.#spool.close();
    this.#client.close();
    this.#metrics?.close();
  }

  reloadRules(): void {
    this.#sources.reload();
    if (this.#rules.reload()) this.#log(`rules in force: ${this.#rules.state.version}`);
  }

  fault(what: string, reason: unknown): void {
    this.#status.faults += 1;
    this.#log(`${what}: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  }

  #holdRules(): RulesetHolder {
    const { data, rules } = this.#config;
    const shippedDir = findShippedRules();
    const isShipped = rules !== undefined && shippedDir !== undefined && isSameDirectory(rules, shippedDir);
    const localDir = isShipped ? undefined : rules;
    if (localDir !== undefined) this.#closers.push(watchRuleFiles(localDir, () => this.reloadRules()));
    return new RulesetHolder({
      shippedDir,
      localDir,
      pushedFile: join(data, 'ruleset.json'),
      onChange: (ruleset) => this.#takeRules(ruleset),
      onError: this.#log,
    });
  }

  #followAuditLog(path: string): AuditLog {
    return new AuditLog({
      path,
      node: this.#config.node,
      spool: this.#spool,
      detector: this.#detector,
      nowMs: Date.now,
      onError: this.#log,
    });
  }

  #store(record: EventRecord | undefined): void {
    if (record === undefined) return;
    this.#spool.append(eventLine(record));
    this.#commands.recent.push(record);
  }

  #storeFill(container: Parameters<ConstructorParameters<typeof SensorLoop>[0]['onFill']>[0]): void {
    const { id, namespace, podName, podUid, name, image, workload, serviceAccount } = container;
    if (namespace === undefined || podName === undefined || podUid === undefined) return;
    const fill = {
      containerId: id,
      namespace,
      pod: podName,
      podUid,
      container: name,
      image,
      workload,
      serviceAccount,
    };
    this.#spool.append(fillLine(fill));
  }

  #obey(reply: HeartbeatReply): void {
    this.#commands.wake(reply.commands);
    const { cluster, activity } = this.#config;
    const isOther = cluster !== undefined && cluster !== reply.clusterId;
    this.#status.clusterFault = isOther
      ? `the token belongs to cluster ${reply.clusterId}, not ${cluster}`
      : undefined;
    if (reply.ruleset !== undefined) this.#rules.push(reply.ruleset);
    const level = activity ?? reply.activity;
    if (level === this.#detector.activity.level) return;
    this.#detector.activity.level = level;
    this.#sensors.require(this.#rules.ruleset, level);
  }

  #takeRules(ruleset: Ruleset | undefined): void {
    this.#sensors.require(ruleset, this.#detector.activity.level);
    void this.#domains.ask(askedDomains(ruleset?.rules ?? []));
    this.#heap.loaded();
  }

  #onTick(): void {
    try {
      this.#spool.tellLosses();
      this.#markAlive();
      this.#heap.tick();
      this.#canary.tick(this.#sensors.sensor !== undefined);
      const isNews = this.#sensors.sensor?.hello !== this.#lookedAt.hello;
      if (isNews || performance.now() - this.#lookedAt.ms > PREFLIGHT_EVERY_MS) void this.#look();
      const jump = this.#clock.check();
      if (jump === undefined) return;
      const [from, to] = [Math.min(jump.beforeMs, jump.afterMs), Math.max(jump.beforeMs, jump.afterMs)];
      const detail = `the clock jumped by ${(jump.jumpMs / 1_000).toFixed(1)} s`;
      for (const source of this.#watched())
        this.#spool.appendGap(this.#gap(source, from, to, { cause: 'clock_jump', detail }));
    } catch (err) {
      this.fault('tick', err);
    }
  }

  /** A full disk must not keep the rest of the second from its work; it is told once. */
  #markAlive(): void {
    try {
      writeAlive(this.#config.data, { atMs: Date.now(), sources: this.#watched() });
      this.#aliveFault = undefined;
    } catch (err) {
      const message = `alive.json: ${err instanceof Error ? err.message : String(err)}`;
      if (message !== this.#aliveFault) this.#log(message);
      this.#aliveFault = message;
    }
  }

  #watched(): Source[] {
    return [
      ...(this.#sensors.sensor === undefined ? [] : (['syscall'] as const)),
      ...(this.#audit === undefined ? [] : (['k8s_audit'] as const)),
      ...this.#sources.watched,
    ];
  }

  async #look(): Promise<void> {
    const { kubeconfig, auditLog, criSocket } = this.#config;
    const hello = this.#sensors.sensor?.hello;
    const look = { ms: performance.now(), hello };
    this.#lookedAt = look;
    const items = await preflight({ kubeconfig, auditLog, criSocket, hello });
    // A slow look must not replace what a later one found.
    if (look === this.#lookedAt) this.#status.preflight = items;
  }

  #gap(source: Source, fromMs: number, toMs: number, more: Pick<GapRecord, 'cause' | 'detail'>): GapRecord {
    const ns = (ms: number) => String(BigInt(Math.trunc(ms)) * 1_000_000n);
    return { source, node: this.#config.node, startNs: ns(fromMs), endNs: ns(toMs), ...more };
  }
}
