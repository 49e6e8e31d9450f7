import type { Stats } from 'node:fs';
import { lstat, opendir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { matchesWildcard } from '../wildcard.ts';

/**
 * What decides who may do what on a node, and what runs by itself: accounts, sudo, ssh, cron, systemd, PAM,
 * the loader, shell profiles, the kubelet. A directory stands for everything below it.
 */
export const DEFAULT_PATHS: readonly string[] = [
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssh/sshd_config',
  '/etc/ssh/sshd_config.d',
  '/root/.ssh/authorized_keys',
  '/home/*/.ssh/authorized_keys',
  '/etc/crontab',
  '/etc/cron.*',
  '/var/spool/cron',
  '/etc/systemd/system',
  '/etc/init.d',
  '/etc/rc.local',
  '/etc/ld.so.preload',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/pam.d',
  '/etc/profile',
  '/etc/profile.d',
  '/etc/bash.bashrc',
  '/etc/bashrc',
  '/root/.bashrc',
  '/root/.profile',
  '/etc/modules-load.d',
  '/etc/kubernetes/manifests',
  '/etc/kubernetes/*.conf',
  '/var/lib/kubelet/config.yaml',
];

/** 20,000 files × about 250 B = 5 MB of baseline. */
export const FILES_MAX = 20_000;
const DEPTH_MAX = 16;
const DIRECTORIES_MAX = 4_096;

export type Expansion = {
  readonly files: readonly string[];
  /** Directories of which every entry matters. */
  readonly directories: readonly string[];
  /** Directories in which single entries matter, such as /etc. */
  readonly parents: readonly string[];
  /** The limits left something out. */
  readonly isCut: boolean;
  /** Directories whose entries may not be listed or entered. */
  readonly unlistable: number;
};

/** Paths to watch: `*` stands for any text within one segment, and a path takes in all that is below it. */
export class WatchList {
  readonly #patterns: readonly (readonly string[])[];

  /** Errors: throws when a path is not absolute. */
  constructor(paths: readonly string[]) {
    this.#patterns = paths.map((path) => {
      const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
      if (!path.startsWith('/') || segments.includes('..') || segments.length === 0)
        throw new Error(`${path} is not an absolute path`);
      return segments;
    });
  }

  matches(path: string): boolean {
    const segments = path.split('/').slice(1);
    return this.#patterns.some(
      (pattern) =>
        pattern.length <= segments.length &&
        pattern.every((wanted, index) => matchesWildcard(wanted, segments[index] ?? '')),
    );
  }

  /** Everything that is there now. Directories that may not be read are left out. */
  async expand(): Promise<Expansion> {
    const walk = new Walk();
    for (const pattern of this.#patterns) await walk.follow('/', pattern);
    return {
      files: [...walk.files],
      directories: [...walk.directories],
      parents: [...walk.parents].filter((dir) => !walk.directories.has(dir)),
      isCut: walk.isCut,
      unlistable: walk.unlistable.size,
    };
  }
}

class Walk {
  readonly files = new Set<string>();
  readonly directories = new Set<string>();
  readonly parents = new Set<string>();
  readonly unlistable = new Set<string>();
  isCut = false;

  async follow(dir: string, [wanted, ...rest]: readonly string[]): Promise<void> {
    if (wanted === undefined) return;
    const isLast = rest.length === 0;
    // A file that is not there yet is noticed in its directory.
    if (isLast) await this.#enter(dir, this.parents);
    const names = wanted.includes('*')
      ? (await this.#list(dir)).filter((name) => matchesWildcard(wanted, name))
      : [wanted];
    for (const name of names) {
      const path = join(dir, name);
      if (isLast) await this.#take(path, 0);
      else await this.follow(path, rest);
    }
  }

  async #take(path: string, depth: number): Promise<void> {
    const stat = await this.#stat(path);
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      if (this.files.size >= FILES_MAX) this.isCut = true;
      else this.files.add(path);
      return;
    }
    if (depth >= DEPTH_MAX || !(await this.#enter(path, this.directories))) {
      this.isCut = true;
      return;
    }
    try {
      for await (const { name } of await opendir(path)) {
        if (this.isCut) return;
        await this.#take(join(path, name), depth + 1);
      }
    } catch (err) {
      this.#refused(path, err);
    }
  }

  async #enter(path: string, known: Set<string>): Promise<boolean> {
    if (known.has(path)) return true;
    if (known.size >= DIRECTORIES_MAX) return false;
    const stat = await this.#stat(path);
    if (stat?.isDirectory()) known.add(path);
    return true;
  }

  async #stat(path: string): Promise<Stats | undefined> {
    return lstat(path).catch((err: unknown) => {
      this.#refused(dirname(path), err);
      return undefined;
    });
  }

  async #list(dir: string): Promise<readonly string[]> {
    const names = await readdir(dir).catch((err: unknown) => {
      this.#refused(dir, err);
      return [];
    });
    return names.slice(0, FILES_MAX);
  }

  #refused(dir: string, err: unknown): void {
    if (err instanceof Error && 'code' in err && (err.code === 'EACCES' || err.code === 'EPERM'))
      this.unlistable.add(dir);
  }
}
