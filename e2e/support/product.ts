import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTIFACTS } from './environment.ts';

export type Product = {
  readonly url: string;
  readonly firstRunToken: string;
  readonly dataDir: string;
  /** Stops everything as Ctrl-C does and deletes the data. Errors: rejects when the launcher does not end well. */
  readonly stop: () => Promise<void>;
};

const ROOT = join(import.meta.dirname, '../..');
/** The first start on a machine builds the server and Kubernetes. */
const START_TIMEOUT_MS = 40 * 60_000;
const STOP_TIMEOUT_MS = 60_000;

/**
 * Starts the whole product with the launcher, test cluster included, the way a user does.
 * Errors: rejects with the launcher's last lines when it ends before it is ready.
 */
export async function startProduct(log: (line: string) => void): Promise<Product> {
  const base = mkdtempSync(join(tmpdir(), 'eyrie-e2e-'));
  // The launcher's parts run as an unprivileged user, who must be able to enter.
  chmodSync(base, 0o755);
  const dataDir = join(base, 'data');
  const port = await freePort();
  mkdirSync(ARTIFACTS, { recursive: true });
  const file = createWriteStream(join(ARTIFACTS, 'launcher.log'));
  const launcher = spawn(
    join(ROOT, 'eyrie'),
    ['up', '--test-cluster', '--data', dataDir, '--port', String(port)],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const tail: string[] = [];
  const stop = async () => {
    await end(launcher);
    file.end();
    rmSync(base, { recursive: true, force: true });
  };
  try {
    const ready = await new Promise<{ url: string; firstRunToken: string }>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('the launcher was not ready in time')),
        START_TIMEOUT_MS,
      );
      let text = '';
      const take = (chunk: Buffer) => {
        file.write(chunk);
        text = (text + chunk.toString('utf8')).slice(-20_000);
        for (const line of chunk.toString('utf8').split('\n').filter(Boolean)) {
          tail.push(line);
          if (tail.length > 40) tail.shift();
          log(line);
        }
        const url = /Eyrie is ready: (\S+)/.exec(text)?.[1];
        const firstRunToken = /First-run token: (\S+)/.exec(text)?.[1];
        if (url === undefined || firstRunToken === undefined) return;
        clearTimeout(timer);
        resolve({ url, firstRunToken });
      };
      launcher.stdout.on('data', take);
      launcher.stderr.on('data', take);
      launcher.once('error', reject);
      launcher.once('exit', (code) =>
        reject(new Error(`the launcher ended with ${code}:\n${tail.join('\n')}`)),
      );
    });
    return { ...ready, dataDir, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

function end(launcher: ChildProcess): Promise<void> {
  if (launcher.exitCode !== null || launcher.signalCode !== null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      launcher.kill('SIGKILL');
      reject(new Error(`the launcher did not stop within ${STOP_TIMEOUT_MS} ms`));
    }, STOP_TIMEOUT_MS);
    launcher.once('exit', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`the launcher stopped with ${code}`));
    });
    launcher.kill('SIGINT');
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
