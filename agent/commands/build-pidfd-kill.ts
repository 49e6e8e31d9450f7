import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCE = join(import.meta.dirname, 'pidfd-kill.c');

/** Builds the program that ends processes, or finds it built in `dir`. Errors: throws with the compiler's output. */
export async function buildPidfdKill(dir: string): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(SOURCE))
    .digest('hex')
    .slice(0, 16);
  const binary = join(dir, `pidfd-kill-${key}`);
  const isThere = await access(binary).then(
    () => true,
    () => false,
  );
  if (isThere) return binary;
  await mkdir(dir, { recursive: true });
  const part = `${binary}.${randomUUID()}`;
  await run('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', part, SOURCE], { timeout: 60_000 });
  await rename(part, binary);
  return binary;
}
