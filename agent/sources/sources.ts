import { join } from 'node:path';
import type { Source } from '../../core/events/event.ts';
import type { ContainerInfo, SyscallEvent } from '../../core/events/syscall.ts';
import type { PreflightItem } from '../../core/wire/agents.ts';
import type { AgentConfig } from '../config.ts';
import type { Log } from '../log.ts';
import type { Spool } from '../spool/spool.ts';
import { FileIntegrity } from './file-integrity/file-integrity.ts';
import { NodeLog } from './node-log/node-log.ts';
import { PodLogs } from './pod-log/pod-logs.ts';
import { Resources } from './resources/resources.ts';

export type SourcesOptions = {
  readonly config: AgentConfig;
  readonly spool: Spool;
  readonly hasSensor: () => boolean;
  readonly containerOf: (cgroup: string) => ContainerInfo | undefined;
  readonly log: Log;
};

type Running = {
  readonly source: Source;
  readonly part: {
    readonly health: PreflightItem;
    readonly counters: Readonly<Record<string, number>>;
    start(): void;
    close(): void | Promise<void>;
  };
};

/** What a node tells beside its kernel and the audit log. Errors: the constructor throws for a wrong path only. */
export class Sources {
  readonly #running: readonly Running[];
  readonly #off: readonly PreflightItem[];
  readonly #nodeLog: NodeLog | undefined;
  readonly #integrity: FileIntegrity | undefined;
  readonly #podLogs: PodLogs | undefined;

  constructor({ config, spool, hasSensor, containerOf, log }: SourcesOptions) {
    const { node, data, nodeLogs, fileIntegrity } = config;
    const common = { node, spool, nowMs: Date.now, onError: log };
    this.#nodeLog = nodeLogs === 'off' ? undefined : new NodeLog({ ...common, logs: nodeLogs });
    this.#integrity =
      fileIntegrity === 'off'
        ? undefined
        : new FileIntegrity({
            ...common,
            paths: fileIntegrity,
            baselineFile: join(data, 'file-integrity.json'),
            hasSensor,
          });
    const resources = config.noResources ? undefined : new Resources({ ...common, containerOf });
    this.#podLogs =
      config.podLogRules === undefined
        ? undefined
        : new PodLogs({
            ...common,
            rules: config.podLogRules,
            root: config.podLogs,
            stateFile: join(data, 'pod-log.json'),
          });
    const parts = [
      ['node_log', this.#nodeLog, '--node-logs auto'],
      ['file_integrity', this.#integrity, '--file-integrity auto'],
      ['pod_log', this.#podLogs, '--pod-log-rules FILE'],
      ['resources', resources, 'no --no-resources'],
    ] as const;
    this.#running = parts.flatMap(([source, part]) => (part === undefined ? [] : [{ source, part }]));
    this.#off = parts.flatMap(([name, part, option]) => (part === undefined ? [off(name, option)] : []));
  }

  /** The sources that run. */
  get watched(): readonly Source[] {
    return this.#running.map(({ source }) => source);
  }

  get health(): readonly PreflightItem[] {
    return [...this.#running.map(({ part }) => part.health), ...this.#off];
  }

  get counters(): Readonly<Record<string, number>> {
    return Object.assign({}, ...this.#running.map(({ part }) => part.counters));
  }

  /** Age of the newest line of the node logs while there are more to read. */
  get nodeLogLagMs(): number {
    return this.#nodeLog?.lagMs ?? 0;
  }

  start(): void {
    for (const { part } of this.#running) part.start();
  }

  /** Reads the rules for container logs again. */
  reload(): void {
    this.#podLogs?.reload();
  }

  /** Every event of the kernel sensor passes here. */
  see(event: SyscallEvent): void {
    this.#integrity?.see(event);
  }

  async close(): Promise<void> {
    for (const { part } of this.#running) await part.close();
  }
}

function off(name: string, option: string): PreflightItem {
  return { name, state: 'off', detail: 'not switched on', fix: `Start the agent with ${option}.` };
}
