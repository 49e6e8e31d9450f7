import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { canaryMarker } from '../core/events/canary.ts';
import type { Heartbeat } from '../core/wire/agents.ts';

export const CANARY_EVERY_MS = 3_600_000;
/** A program that does nothing; without one the agent's own runtime prints its version to nobody. */
const NO_OP = ['/bin/true', '/usr/bin/true'];
const RUN_MS_MAX = 10_000;

export type CanaryOptions = {
  readonly log: (line: string) => void;
  readonly everyMs?: number;
};

/**
 * Runs a marked program that does nothing, when the sensor begins to see and then on a schedule. The server
 * looks for its alert. Errors: never throws; a program that cannot start is logged and counts as not triggered.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #everyMs: number;
  #triggeredMs: number | undefined;
  #hadSensor = false;

  constructor(options: CanaryOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? CANARY_EVERY_MS;
  }

  /** Undefined while there is nothing to prove: no sensor has run yet. */
  get state(): Heartbeat['canary'] {
    if (this.#triggeredMs === undefined) return undefined;
    return { everyMs: this.#everyMs, triggeredAt: new Date(this.#triggeredMs).toISOString() };
  }

  /** Called each second. */
  tick(hasSensor: boolean, nowMs = Date.now()): void {
    const isNew = hasSensor && !this.#hadSensor;
    this.#hadSensor = hasSensor;
    const isDue = this.#triggeredMs !== undefined && Math.abs(nowMs - this.#triggeredMs) >= this.#everyMs;
    // Without a sensor it still runs: that nobody sees it is then told as silence.
    if (isNew || isDue) this.#trigger(nowMs);
  }

  #trigger(nowMs: number): void {
    const marker = canaryMarker(nowMs, Math.random() * 2 ** 32);
    const program = NO_OP.find((path) => existsSync(path));
    const [command, args] =
      program === undefined ? [process.execPath, ['--version', marker]] : [program, [marker]];
    this.#triggeredMs = nowMs;
    // A process group of its own: the probe leaves the group that reads its output unwatched.
    const env = { NODE_ENV: 'production' } as const;
    const child = spawn(command, args, { stdio: 'ignore', detached: true, timeout: RUN_MS_MAX, env });
    child.on('error', (err) => this.#options.log(`canary: ${err.message}`));
  }
}
