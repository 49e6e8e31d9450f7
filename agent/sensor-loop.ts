import type { GapRecord } from '../core/events/event.ts';
import type { ContainerInfo, SyscallEvent } from '../core/events/syscall.ts';
import type { Ruleset } from '../core/rules/ruleset.ts';
import type { PreflightItem } from '../core/wire/agents.ts';
import type { AgentConfig } from './config.ts';
import { SYSCALL_CODES } from './decode/layout.ts';
import type { ActivityLevel } from './detect/activity.ts';
import { type KernelNeeds, kernelNeeds, unmetNeeds } from './detect/kernel-needs.ts';
import { ProbeRefused } from './probe/ask.ts';
import { Backoff } from './send/backoff.ts';
import { type Sensor, startSensor } from './sensor.ts';

export type SensorLoopOptions = {
  readonly config: AgentConfig;
  readonly onEvent: (event: SyscallEvent) => void;
  readonly onGap: (gap: GapRecord) => void;
  readonly onFill: (container: ContainerInfo) => void;
  readonly nowMs: () => number;
  readonly log: (line: string) => void;
};

/** What a recording asks for. */
const EVERYTHING: KernelNeeds = {
  types: [...Object.keys(SYSCALL_CODES), 'execve', 'procexit', 'clone', 'clone3', 'fork', 'vfork'],
  probe: {
    readHost: 'all',
    readContainer: 'all',
    writeHost: 'all',
    writeContainer: 'all',
    openFailed: 'all',
    sockets: 'all',
  },
};

/** Keeps the kernel sensor running; the time without it becomes a gap. Errors: never rejects. */
export class SensorLoop {
  readonly #options: SensorLoopOptions;
  readonly #backoff = new Backoff({ baseMs: 1_000, maxMs: 60_000, random: Math.random });
  #sensor: Sensor | undefined;
  #needs: KernelNeeds | undefined;
  #blindSinceMs: number | undefined;
  #fault = 'starting';
  #isStopped = false;
  #restarts = 0;
  /** Captures being recorded. */
  #recordings = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Why the probe that runs is not the one that is wanted. */
  #lag: string | undefined;
  #followTimer: NodeJS.Timeout | undefined;

  constructor(options: SensorLoopOptions, blindSinceMs: number | undefined) {
    this.#options = options;
    this.#blindSinceMs = blindSinceMs;
  }

  get isEnabled(): boolean {
    const { noProbe, probe, probeSocket } = this.#options.config;
    return !noProbe && (probe !== undefined || probeSocket !== undefined);
  }

  get sensor(): Sensor | undefined {
    return this.#sensor;
  }

  get counters(): Record<string, number> {
    const counts = Object.entries(this.#sensor?.counters() ?? {});
    const totals = counts.map(([name, value]) => [name === 'processes' ? name : `${name}_total`, value]);
    return { ...Object.fromEntries(totals), sensor_restarts_total: this.#restarts };
  }

  get health(): PreflightItem {
    const unseen = this.#unseen();
    if (unseen.length > 0 || (this.#sensor !== undefined && this.#lag !== undefined))
      return {
        name: 'syscall',
        state: 'degraded',
        detail:
          `rules ask for ${unseen.join(', ') || 'other paths'}, which the probe does not send yet: ${this.#lag ?? 'it is being replaced'}`.slice(
            0,
            1_024,
          ),
        fix: 'It is tried again by itself. If that does not help, ./eyrie doctor names what the node lacks.',
      };
    if (this.#sensor !== undefined) return { name: 'syscall', state: 'ok', detail: 'the kernel sensor runs' };
    if (!this.isEnabled)
      return { name: 'syscall', state: 'off', detail: 'the agent was started without a probe' };
    return {
      name: 'syscall',
      state: 'blind',
      detail: `the kernel sensor does not run: ${this.#fault}`.slice(0, 1_024),
      fix: 'Run ./eyrie doctor on the node: it names what the kernel or the permissions lack.',
    };
  }

  /** Tells the sensor what rules and activity need; it takes effect without a restart of the agent. */
  require(ruleset: Ruleset | undefined, activity: ActivityLevel): void {
    const needs = kernelNeeds(ruleset, activity);
    const isSame = JSON.stringify(needs) === JSON.stringify(this.#needs);
    this.#needs = needs;
    if (!isSame && this.#recordings === 0) void this.#follow();
  }

  /** Asks for everything the probe can see until `end` is called. `missing`: what it does not send yet. */
  async widen(): Promise<{ readonly missing: readonly string[]; readonly end: () => void }> {
    this.#recordings += 1;
    await this.#follow();
    return {
      missing: this.#unseen(),
      end: () => {
        this.#recordings -= 1;
        if (this.#recordings === 0) void this.#follow();
      },
    };
  }

  get #wanted(): KernelNeeds | undefined {
    return this.#recordings > 0 ? EVERYTHING : this.#needs;
  }

  /** Until another probe can be had, the one before goes on. */
  async #follow(): Promise<void> {
    const [wanted, sensor] = [this.#wanted, this.#sensor];
    clearTimeout(this.#followTimer);
    if (wanted === undefined || sensor === undefined || this.#isStopped) return;
    try {
      await sensor.setEvents(wanted.types, wanted.probe);
      if (wanted !== this.#wanted || sensor !== this.#sensor) return;
      this.#lag = undefined;
      this.#backoff.reset();
      this.#options.log(`kernel sensor follows the rules: ${sensor.hello.attached.length} hooks`);
    } catch (err) {
      if (wanted !== this.#wanted || sensor !== this.#sensor || this.#isStopped) return;
      this.#lag = err instanceof Error ? err.message : String(err);
      this.#options.log(`kernel sensor does not follow the rules yet: ${this.#lag}`);
      const waitMs = err instanceof ProbeRefused ? err.retryMs : this.#backoff.nextMs();
      this.#followTimer = setTimeout(() => void this.#follow(), waitMs);
    }
  }

  start(): void {
    if (this.isEnabled) void this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#followTimer);
    await this.#sensor?.stop().catch((err) => this.#options.log(`stopping the sensor: ${String(err)}`));
  }

  async #run(): Promise<void> {
    const { config, nowMs, log } = this.#options;
    const wanted = this.#wanted;
    try {
      this.#sensor = await startSensor({
        ...this.#input(),
        ...(wanted === undefined ? {} : { events: wanted.types, probe: wanted.probe }),
        kube:
          config.kubeconfig === undefined
            ? undefined
            : { kubeconfig: config.kubeconfig, nodeName: config.node },
        criSocket: config.criSocket,
        log,
        onEvent: this.#options.onEvent,
        onFill: this.#options.onFill,
        onDrops: this.#options.onGap,
        onEnd: (reason) => this.#ended(reason),
      });
      this.#backoff.reset();
      this.#lag = undefined;
      log(`kernel sensor runs: ${this.#sensor.hello.attached.length} hooks`);
      const since = this.#blindSinceMs;
      this.#blindSinceMs = undefined;
      if (since !== undefined) this.#options.onGap(this.#downGap(since, nowMs()));
      if (wanted !== this.#wanted) void this.#follow();
    } catch (err) {
      this.#ended(err instanceof Error ? err.message : String(err));
    }
  }

  #unseen(): readonly string[] {
    const [wanted, hello] = [this.#wanted, this.#sensor?.hello];
    return hello === undefined || wanted === undefined ? [] : unmetNeeds(wanted, hello);
  }

  #ended(reason: string): void {
    const { nowMs, log } = this.#options;
    if (this.#isStopped) return;
    this.#fault = reason;
    this.#blindSinceMs ??= nowMs();
    log(`kernel sensor: ${reason}`);
    const before = this.#sensor;
    this.#sensor = undefined;
    this.#restarts += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const restart = () => void this.#run();
      if (before === undefined) restart();
      else before.stop().then(restart, restart);
    }, this.#backoff.nextMs());
  }

  #input(): { probePath: string } | { probeSocket: string } {
    const { probe, probeSocket = '' } = this.#options.config;
    return probe === undefined ? { probeSocket } : { probePath: probe };
  }

  #downGap(fromMs: number, toMs: number): GapRecord {
    return {
      source: 'syscall',
      node: this.#options.config.node,
      startNs: String(BigInt(Math.trunc(Math.min(fromMs, toMs))) * 1_000_000n),
      endNs: String(BigInt(Math.trunc(toMs)) * 1_000_000n),
      cause: 'agent_down',
      detail: 'the kernel sensor did not run',
    };
  }
}
