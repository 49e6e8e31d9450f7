import { homedir } from 'node:os';
import { join } from 'node:path';

/** Repository root. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** The environment the launcher may look at; nothing else in cli/ reads process.env. */
export const env = process.env;

export const isRoot = process.getuid?.() === 0;
export const isLinux = process.platform === 'linux';

/** Downloads and build results, outside the checkout. */
export function cacheDir(): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'eyrie');
}

/** Database, spool and tokens of `eyrie up`; below /var/lib as root because the server runs as another user. */
export function defaultDataDir(): string {
  if (isRoot && isLinux) return '/var/lib/eyrie';
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'eyrie');
}
