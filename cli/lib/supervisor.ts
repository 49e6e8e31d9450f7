import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, step, warn } from './report.ts';

export type Service = {
  readonly name: string;
  readonly pid: number | undefined;
  readonly stop: () => Promise<void>;
};

type SpawnSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  /** Signal the whole process group: the command starts others. */
  readonly group?: boolean;
};

/**
 * Everything one launcher run has started. Children get their own process group, so that Ctrl-C reaches
 * only the launcher, which then stops them in reverse order.
 */
export class Supervisor {
  readonly #logDir: string;
  readonly #services: Service[] = [];
  #stopping = false;
  #failed: ((reason: string) => void) | undefined;
  /** Resolves with the reason when a child ends by itself. */
  readonly failure: Promise<string>;

  constructor(logDir: string) {
    this.#logDir = logDir;
    mkdirSync(logDir, { recursive: true });
    this.failure = new Promise((resolve) => {
      this.#failed = resolve;
    });
  }

  logPath(name: string): string {
    return join(this.#logDir, `${name}.log`);
  }

  /** Last lines of a child's log, for error messages. */
  tail(name: string, lines = 25): string {
    try {
      return readFileSync(this.logPath(name), 'utf8').split('\n').slice(-lines).join('\n');
    } catch {
      return '';
    }
  }

  /** Takes over something that was started elsewhere (Postgres, the test cluster). */
  adopt(service: Service): void {
    this.#services.push(service);
  }

  start(spec: SpawnSpec): ChildProcess {
    const log = createWriteStream(this.logPath(spec.name), { flags: 'a', mode: 0o640 });
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { NODE_ENV: 'production', ...spec.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(spec.runAs === undefined ? {} : { uid: spec.runAs.uid, gid: spec.runAs.gid }),
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve();
        if (!this.#stopping) {
          this.#failed?.(
            `${spec.name} ended by itself (${signal ?? code}).\n${this.tail(spec.name)}\nIts log: ${this.logPath(spec.name)}`,
          );
        }
      });
      child.once('error', (err) => {
        resolve();
        this.#failed?.(`${spec.name} could not be started: ${err.message}`);
      });
    });
    this.#services.push({
      name: spec.name,
      pid: child.pid,
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
        const target = spec.group ? -child.pid : child.pid;
        process.kill(target, 'SIGTERM');
        const timer = setTimeout(() => process.kill(target, 'SIGKILL'), spec.graceMs ?? 8_000);
        await ended;
        clearTimeout(timer);
      },
    });
    return child;
  }

  /** Stops everything, last started first. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const service of this.#services.reverse()) {
      step(`stopping ${service.name}`);
      await service.stop().catch((err: unknown) => warn(`${service.name}: ${String(err)}`));
    }
  }
}

/** Polls a URL until it answers 200; fails at once when a child ends. */
export async function waitForHttp(url: string, supervisor: Supervisor, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  let died: string | undefined;
  supervisor.failure.then((reason) => {
    died = reason;
  });
  let last = '';
  while (Date.now() < until) {
    if (died !== undefined) throw new CliError(died);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return;
      last = `HTTP ${response.status}`;
    } catch (err) {
      last = err instanceof Error ? err.message : String(err);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new CliError(
    `${url} did not answer within ${timeoutMs / 1000} s (${last})\n${supervisor.tail('server')}`,
  );
}
