import { join } from 'node:path';
import type { Capability } from '../../core/wire/commands.ts';
import type { AgentConfig } from '../config.ts';
import { HttpClient } from '../send/http-client.ts';
import { CommandRunner } from './command-runner.ts';
import { EventTap } from './event-tap.ts';
import { makeExecutors } from './executors.ts';
import { Proc } from './proc.ts';
import { RecentEvents } from './recent-events.ts';
import { captureExecutor, type RecordingSensor } from './record-capture.ts';

/** Everything the agent does when it is asked: wires the runner with what it needs of the agent. */
export class AgentCommands {
  readonly tap = new EventTap();
  readonly recent = new RecentEvents();
  readonly #client: HttpClient;
  readonly #runner: CommandRunner;
  readonly #stop: () => void;

  constructor(options: {
    readonly config: AgentConfig;
    readonly agentId: string;
    readonly secret: string;
    readonly sensor: RecordingSensor;
    readonly log: (line: string) => void;
  }) {
    const { config, agentId, secret, sensor, log } = options;
    const proc = new Proc();
    const dir = join(config.data, 'commands');
    // A connection of its own: a file on its way must not hold up heartbeats and events.
    this.#client = new HttpClient({ server: config.server, tokenFile: config.tokenFile, secret });
    const { executors, stop } = makeExecutors({
      node: config.node,
      dir,
      recent: this.recent,
      pidfdKill: config.pidfdKill,
      record: captureExecutor({ proc, node: config.node, tap: this.tap, sensor }),
      proc,
      log,
    });
    this.#stop = stop;
    this.#runner = new CommandRunner({ client: this.#client, agentId, dir, executors, log });
  }

  capabilities(): Capability[] {
    return this.#runner.capabilities();
  }

  /** After each heartbeat's reply. */
  wake(waiting: boolean): void {
    void this.#runner.wake(waiting);
  }

  stop(): void {
    this.#runner.stop();
    this.#stop();
    this.#client.close();
  }
}
