import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

/** Cgroups as the kubelet makes them, one sleeping process in each: what an idle node's containers are to the agent. */
export class IdleContainers {
  readonly #dirs: readonly string[];
  readonly #processes: readonly ChildProcess[];

  private constructor(dirs: readonly string[], processes: readonly ChildProcess[]) {
    this.#dirs = dirs;
    this.#processes = processes;
  }

  static async start(count: number): Promise<IdleContainers> {
    const root = existsSync(V1) ? V1 : V2;
    const dirs: string[] = [];
    const processes: ChildProcess[] = [];
    for (let n = 0; n < count; n += 1) {
      const pod = join(root, 'kubepods', `pod${randomUUID()}`);
      const dir = join(pod, randomBytes(32).toString('hex'));
      await mkdir(dir, { recursive: true });
      dirs.push(dir, pod);
      const child = spawn('sleep', ['infinity'], { stdio: 'ignore' });
      processes.push(child);
      await writeFile(join(dir, 'cgroup.procs'), String(child.pid));
    }
    return new IdleContainers([...dirs, join(root, 'kubepods')], processes);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
    for (const dir of this.#dirs) await rmdir(dir).catch(() => undefined);
  }
}
