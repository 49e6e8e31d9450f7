import type { ContainerInfo, SyscallEvent } from '../../../core/events/syscall.ts';

/** Who did what to a file, copied while it was true. */
export type Witness = {
  readonly timeNs: bigint;
  readonly call: string;
  /** Device of the opened file as the probe tells it; undefined for other calls. */
  readonly dev: number | undefined;
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly exepath: string;
  readonly cmdline: string;
  readonly parent: string | undefined;
  readonly user: string | undefined;
  readonly loginUser: string | undefined;
  readonly container: ContainerInfo | undefined;
};

type Place = { readonly ino: string; readonly dev: number };

/** `file`: the process changed this very file. `directory`: it only wrote beside it just before. */
export type Attribution = { readonly witness: Witness; readonly by: 'file' | 'directory' };

const OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat', 'open_by_handle_at']);
const CHANGES: ReadonlySet<string> = new Set([
  ...['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'link', 'linkat', 'symlink', 'symlinkat'],
  ...['chmod', 'fchmod', 'fchmodat', 'fchmodat2', 'chown', 'fchown', 'lchown', 'fchownat', 'mkdir', 'rmdir'],
]);
const PATH_ARGS = ['name', 'path', 'oldpath', 'newpath', 'linkpath', 'filename'];
/** Falco's open flags: O_WRONLY 2 is set in O_RDWR 3 too. */
const FALCO_O_WRONLY = 2;
/** Of each map: 4,096 × about 1 KiB of copied text = 4 MiB at most. */
const KEPT_MAX = 4_096;
const NONE: readonly string[] = [];
const CMDLINE_CHARS_MAX = 2_048;
/** A file can be open this long before it is written to; the kernel's time of the change is the later one. */
const BEFORE_NS = 15_000_000_000n;
const AFTER_NS = 2_000_000_000n;

/**
 * Remembers the last processes that wrote, renamed, removed or changed files, as the kernel sensor saw them.
 * Files are known again by inode, so that a temporary file renamed into place and a path as a container
 * spells it lead to the same process.
 */
export class Witnesses {
  readonly #byPath = new Map<string, Witness>();
  readonly #byDirectory = new Map<string, Witness>();
  /** Of every file written on the node; apart, so that a busy node does not push out the others. */
  readonly #byInode = new Map<string, Witness>();
  readonly #isWatched: (path: string) => boolean;
  readonly #isWatchedDirectory: (path: string) => boolean;

  constructor(isWatched: (path: string) => boolean, isWatchedDirectory: (path: string) => boolean) {
    this.#isWatched = isWatched;
    this.#isWatchedDirectory = isWatchedDirectory;
  }

  /** Called for every event of the sensor: nearly all end at the first line. Returns the watched paths it changes. */
  see(event: SyscallEvent): readonly string[] {
    const isOpen = OPENS.has(event.type);
    if (!isOpen && !CHANGES.has(event.type)) return NONE;
    if (event.dir !== '<' || (event.res ?? 0) < 0 || event.thread === undefined) return NONE;
    if (isOpen && event.type !== 'creat' && ((event.fd?.openFlags ?? 0) & FALCO_O_WRONLY) === 0) return NONE;
    const ino = isOpen ? event.args.ino : undefined;
    // A container's own files have the paths of the node's: those are told by inode alone.
    const paths = event.thread.container === undefined ? pathsOf(event) : [];
    const files = paths.filter((path) => this.#isWatched(path));
    const directories = paths.map(directoryOf).filter((dir) => this.#isWatchedDirectory(dir));
    const hasInode = ino !== undefined && ino !== 0 && ino !== 0n;
    if (!hasInode && files.length === 0 && directories.length === 0) return NONE;
    const witness = witnessOf(event, event.thread);
    if (hasInode) keep(this.#byInode, String(ino), witness);
    for (const path of files) keep(this.#byPath, path, witness);
    for (const dir of directories) keep(this.#byDirectory, dir, witness);
    return files;
  }

  /** Who changed, about then, the file that is or was this, or stood under this path. */
  find(path: string, prints: readonly (Place | undefined)[], changedNs: bigint): Attribution | undefined {
    const isThen = (witness: Witness | undefined): witness is Witness =>
      witness !== undefined &&
      witness.timeNs >= changedNs - BEFORE_NS &&
      witness.timeNs <= changedNs + AFTER_NS;
    const [latest] = [this.#byPath.get(path), ...prints.map((print) => this.#ofInode(print))]
      .filter(isThen)
      .sort((a, b) => Number(b.timeNs - a.timeNs));
    if (latest !== undefined) return { witness: latest, by: 'file' };
    const beside = this.#byDirectory.get(directoryOf(path));
    return isThen(beside) ? { witness: beside, by: 'directory' } : undefined;
  }

  #ofInode(print: Place | undefined): Witness | undefined {
    const witness = print === undefined ? undefined : this.#byInode.get(print.ino);
    return witness?.dev !== undefined && isSameDevice(witness.dev, print?.dev ?? 0) ? witness : undefined;
  }
}

/** The kernel keeps 12 bits of major above 20 of minor; user space spreads them. Source: linux/kdev_t.h. */
function isSameDevice(seen: number, stat: number): boolean {
  const major = (stat >>> 8) & 0xfff;
  const minor = (stat & 0xff) | ((stat >>> 12) & 0xfff00);
  return seen === stat || seen === major * 2 ** 20 + minor;
}

function witnessOf(event: SyscallEvent, thread: NonNullable<SyscallEvent['thread']>): Witness {
  const cmdline = [thread.exe || thread.exepath || thread.comm, ...thread.args].join(' ');
  return {
    timeNs: event.timeNs,
    call: event.type,
    dev: typeof event.args.dev === 'number' ? event.args.dev : undefined,
    pid: thread.pid,
    ppid: thread.ppid,
    name: thread.comm,
    exepath: thread.exepath,
    cmdline: cmdline.slice(0, CMDLINE_CHARS_MAX),
    parent: thread.parent?.comm,
    user: thread.user ?? String(thread.uid),
    loginUser: thread.loginname ?? (thread.loginuid < 0 ? undefined : String(thread.loginuid)),
    container: thread.container,
  };
}

function pathsOf({ fd, args, argText }: SyscallEvent): readonly string[] {
  const paths = new Set<string>();
  if (fd !== undefined && fd.tuple === undefined) {
    paths.add(fd.name);
    if (fd.realName !== undefined) paths.add(fd.realName);
  }
  for (const name of PATH_ARGS) {
    const value = argText[name] ?? args[name];
    if (typeof value !== 'string') continue;
    // `given(resolved)`: the resolved one says where it is.
    const open = value.endsWith(')') ? value.indexOf('(/') : -1;
    paths.add(open > 0 ? value.slice(open + 1, -1) : value);
  }
  return [...paths].filter((path) => path.startsWith('/'));
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function keep(map: Map<string, Witness>, key: string, witness: Witness): void {
  map.delete(key);
  map.set(key, witness);
  if (map.size <= KEPT_MAX) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
