import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentCommand, Capability, CommandKind, CommandReport } from '../../core/wire/commands.ts';
import type { HttpClient } from '../send/http-client.ts';
import { CancelledError, CommandLink, RefusedError } from './command-link.ts';
import { Ledger } from './ledger.ts';
import { CommandError } from './scope.ts';

export type Job = {
  readonly command: AgentCommand;
  /** A directory of its own, removed afterwards. */
  readonly dir: string;
  /** Ends on cancellation, at the deadline and when the agent stops. */
  readonly signal: AbortSignal;
};

export type Outcome = {
  readonly summary: string;
  readonly notes?: readonly string[];
  /** Path of a file in the job's directory. */
  readonly file?: string;
};

/** Carries out one kind of command. Errors: CommandError with a message for whoever asked. */
export type Executor = {
  readonly able: () => Omit<Capability, 'kind'>;
  readonly run: (job: Job) => Promise<Outcome>;
};

export type CommandRunnerOptions = {
  readonly client: HttpClient;
  readonly agentId: string;
  /** State directory; the ledger and files under way live here. */
  readonly dir: string;
  readonly executors: Readonly<Record<CommandKind, Executor>>;
  readonly log: (line: string) => void;
  readonly retryMs?: number;
};

const RUNNING_MAX = 4;
const RETRY_MS = 2_000;
/** A report that nobody takes for so long is of no use any more. */
const NOTES_MAX = 50;

/** Fetches commands, runs each id at most once, and reports how it went. Errors: never rejects; logs. */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #link: CommandLink;
  readonly #ledger: Ledger;
  readonly #running = new Map<string, AbortController>();
  readonly #stopping = new AbortController();
  #isBusy = false;

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#link = new CommandLink(options.client, options.agentId);
    this.#ledger = new Ledger(options.dir);
  }

  capabilities(): Capability[] {
    return (Object.keys(this.#options.executors) as CommandKind[]).map((kind) => ({
      kind,
      ...this.#options.executors[kind].able(),
    }));
  }

  /** After each heartbeat: `waiting` says that there is something to fetch. */
  async wake(waiting: boolean): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (const { id, report } of this.#ledger.unsent()) {
        if (!this.#running.has(id)) await this.#send(id, report);
      }
      if (waiting) await this.#fetch();
    } catch (err) {
      this.#options.log(`commands: ${text(err)}`);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Ends what runs; its report is sent by the next start. */
  stop(): void {
    this.#stopping.abort();
    for (const controller of this.#running.values())
      controller.abort(new CommandError('The agent was stopped.'));
  }

  async #fetch(): Promise<void> {
    const { commands, cancel } = await this.#link.fetch();
    for (const id of cancel) {
      const running = this.#running.get(id);
      if (running !== undefined) running.abort(new CancelledError());
      // Begun by a run before this one, or unknown: nothing is left to stop.
      else if (this.#ledger.begin(id)) this.#ledger.end(id, { state: 'cancelled' });
    }
    for (const command of commands) {
      if (this.#running.size >= RUNNING_MAX) return;
      if (this.#ledger.begin(command.id)) void this.#run(command);
    }
  }

  async #run(command: AgentCommand): Promise<void> {
    const { id, kind, remainingMs } = command;
    const { log } = this.#options;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const timer = setTimeout(
      () => controller.abort(new CommandError('The time limit is over.')),
      remainingMs,
    );
    const dir = join(this.#options.dir, id);
    let report: CommandReport;
    try {
      const goOn = await this.#retry(controller.signal, () => this.#link.report(id, { state: 'running' }));
      if (!goOn) throw new CancelledError();
      log(`command ${id}: ${kind} begins`);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      report = await this.#carryOut({ command, dir, signal: controller.signal });
    } catch (err) {
      const state = err instanceof CancelledError ? 'cancelled' : 'failed';
      report = { state, error: text(err).slice(0, 2_000) };
    } finally {
      clearTimeout(timer);
      rmSync(dir, { recursive: true, force: true });
    }
    log(`command ${id}: ${kind} ${report.state}${report.error === undefined ? '' : `: ${report.error}`}`);
    this.#ledger.end(id, report);
    this.#running.delete(id);
    await this.#send(id, report).catch((err) => log(`command ${id}: ${text(err)}; sent again later`));
  }

  async #carryOut(job: Job): Promise<CommandReport> {
    const { command, signal } = job;
    const executor = this.#options.executors[command.kind];
    const { available, reason } = executor.able();
    if (!available) throw new CommandError(reason ?? 'The agent cannot do this.');
    const outcome = await executor.run(job);
    signal.throwIfAborted();
    const { file, summary } = outcome;
    const artifact =
      file === undefined
        ? undefined
        : await this.#link.upload(command.id, file, (call) => this.#retry(signal, call));
    return {
      state: 'done',
      summary: summary.slice(0, 2_000),
      notes: (outcome.notes ?? []).slice(0, NOTES_MAX).map((note) => note.slice(0, 500)),
      ...(artifact === undefined ? {} : { artifact }),
    };
  }

  async #send(id: string, report: CommandReport): Promise<void> {
    try {
      await this.#link.report(id, report);
    } catch (err) {
      if (!(err instanceof RefusedError)) throw err;
      this.#options.log(`command ${id}: the server refused the report: ${err.message}`);
      // Of a refused result at least the failure must be known.
      if (report.state === 'done') {
        this.#ledger.end(id, {
          state: 'failed',
          error: `The result was refused: ${err.message}`.slice(0, 2_000),
        });
        return;
      }
    }
    this.#ledger.markSent(id);
  }

  /** Tries again until the signal ends it; a final refusal is not tried again. */
  async #retry<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (err) {
        if (err instanceof RefusedError || signal.aborted) throw signal.aborted ? signal.reason : err;
        await delay(this.#options.retryMs ?? RETRY_MS, undefined, { signal, ref: false }).catch(
          () => undefined,
        );
        signal.throwIfAborted();
      }
    }
  }
}

const text = (err: unknown): string => (err instanceof Error ? err.message : String(err));
