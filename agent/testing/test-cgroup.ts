import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type TestCgroup = {
  /** Runs `calls run PROGRAM …` inside the cgroup: it is placed there before it executes anything else. */
  readonly run: (calls: string, argv: readonly string[]) => Promise<number | null>;
  readonly remove: () => Promise<void>;
};

/** A cgroup at `path` (absolute within the hierarchy) of the tree the probe reads: v1 memory, else v2. */
export async function makeCgroup(path: string): Promise<TestCgroup> {
  const root = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
  const dir = join(root, path);
  await mkdir(dir, { recursive: true });
  return {
    run: async (calls, argv) => {
      const child = spawn(calls, ['run', ...argv], { stdio: ['pipe', 'ignore', 'ignore'] });
      const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
      await writeFile(join(dir, 'cgroup.procs'), String(child.pid));
      child.stdin.end('go\n');
      return exited;
    },
    remove: async () => {
      // Only the directories made here: removing stops at the first that is not empty.
      for (let at = dir; at !== root; at = dirname(at)) {
        const gone = await rmdir(at).then(
          () => true,
          () => false,
        );
        if (!gone) return;
      }
    },
  };
}
