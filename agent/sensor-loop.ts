import { createReadStream } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { GapRecord } from '../core/events/event.ts';
import type { ContainerInfo, SyscallEvent } from '../core/events/syscall.ts';
import type { Ruleset } from '../core/rules/ruleset.ts';
import type { PreflightItem } from '../core/wire/agents.ts';
import type { AgentConfig } from './config.ts';
import type { ActivityLevel } from './detect/activity.ts';
import { type KernelNeeds, kernelNeeds, unmetNeeds } from './detect/kernel-needs.ts';
import { Backoff } from './send/backoff.ts';
import { type Sensor, startSensor } from './sensor.ts';

export type SensorLoopOptions = {
  readonly config: AgentConfig;
  readonly onEvent: (event: SyscallEvent) => void;
  readonly onGap: (gap: GapRecord) => void;
  readonly onFill: (container: ContainerInfo) => void;
  /** The probe that someone else started has ended: nothing is left to watch. */
  readonly onInputEnd: () => void;
  readonly nowMs: () => number;
  readonly log: (line: string) => void;
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
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SensorLoopOptions, blindSinceMs: number | undefined) {
    this.#options = options;
    this.#blindSinceMs = blindSinceMs;
  }

  get isEnabled(): boolean {
    const { noProbe, probe, probeFd } = this.#options.config;
    return !noProbe && (probe !== undefined || probeFd !== undefined);
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
    if (unseen.length > 0)
      return {
        name: 'syscall',
        state: 'degraded',
        detail: `rules ask for ${unseen.join(', ')}, which the probe was not started for`.slice(0, 1_024),
        fix: 'Start the agent with --probe, so that it attaches what its rules need, or the probe with --events.',
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
    if (isSame || this.#sensor === undefined) return;
    this.#sensor
      .setEvents(needs.types, needs.probe)
      .catch((err) => this.#ended(`changing its hooks: ${String(err)}`));
  }

  start(): void {
    if (this.isEnabled) void this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sensor?.stop().catch((err) => this.#options.log(`stopping the sensor: ${String(err)}`));
  }

  async #run(): Promise<void> {
    const { config, nowMs, log } = this.#options;
    try {
      this.#sensor = await startSensor({
        ...this.#input(),
        ...(this.#needs === undefined ? {} : { events: this.#needs.types, probe: this.#needs.probe }),
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
      log(`kernel sensor runs: ${this.#sensor.hello.attached.length} hooks`);
      const since = this.#blindSinceMs;
      this.#blindSinceMs = undefined;
      if (since !== undefined) this.#options.onGap(this.#downGap(since, nowMs()));
    } catch (err) {
      this.#ended(err instanceof Error ? err.message : String(err));
    }
  }

  #unseen(): readonly string[] {
    const hello = this.#sensor?.hello;
    const canFollow = this.#options.config.probe !== undefined;
    return hello === undefined || canFollow || this.#needs === undefined
      ? []
      : unmetNeeds(this.#needs, hello);
  }

  #ended(reason: string): void {
    const { config, nowMs, log, onInputEnd } = this.#options;
    if (this.#isStopped) return;
    this.#fault = reason;
    this.#blindSinceMs ??= nowMs();
    log(`kernel sensor: ${reason}`);
    const before = this.#sensor;
    this.#sensor = undefined;
    if (config.probe === undefined) {
      onInputEnd();
      return;
    }
    this.#restarts += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const restart = () => void this.#run();
      if (before === undefined) restart();
      else before.stop().then(restart, restart);
    }, this.#backoff.nextMs());
  }

  #input(): { probePath: string } | { probeStdout: Readable } {
    const { probe, probeFd = 0 } = this.#options.config;
    if (probe !== undefined) return { probePath: probe };
    return { probeStdout: probeFd === 0 ? process.stdin : readableOf(probeFd) };
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

/** A pipe gives a socket, which does not hold a thread of the pool; a file needs a stream. */
function readableOf(fd: number): Readable {
  try {
    return new Socket({ fd, readable: true, writable: false });
  } catch {
    return createReadStream('', { fd });
  }
}
