import type { CaptureEvent } from './capture-event.ts';
import { resolvePath } from './path.ts';
import { OPEN_BY_HANDLE_X, resolveAt } from './state-files.ts';

/** Directory and path parameters of *at calls, by event name: the first path, and the second. */
const PATHS: Readonly<Record<string, readonly (readonly [directory: string, path: string])[]>> = {
  renameat: [
    ['olddirfd', 'oldpath'],
    ['newdirfd', 'newpath'],
  ],
  renameat2: [
    ['olddirfd', 'oldpath'],
    ['newdirfd', 'newpath'],
  ],
  symlinkat: [['linkdirfd', 'linkpath']],
  openat: [['dirfd', 'name']],
  openat2: [['dirfd', 'name']],
  linkat: [
    ['olddir', 'oldpath'],
    ['newdir', 'newpath'],
  ],
  unlinkat: [['dirfd', 'name']],
  mkdirat: [['dirfd', 'path']],
  fchmodat: [['dirfd', 'filename']],
  fchownat: [['dirfd', 'pathname']],
};

/** evt.abspath: 0 and 1 the first path, 2 the second, or the only one; undefined for other events. */
export function absolutePath(event: CaptureEvent, which: 0 | 1 | 2): string | undefined {
  // Its path starts at the root, and only a success tells it.
  if (event.def.id === OPEN_BY_HANDLE_X) {
    return (event.res ?? 0) > 0 ? resolvePath('', event.params.text(3)) : undefined;
  }
  const pairs = PATHS[event.def.name];
  const pair = (which === 2 ? pairs?.[1] : undefined) ?? pairs?.[0];
  const { thread, params, def } = event;
  if (pair === undefined || thread === undefined) return undefined;
  const directory = def.index.get(pair[0]) ?? -1;
  const path = def.index.get(pair[1]) ?? -1;
  if (directory < 0 || params.length(directory) <= 0 || params.length(path) <= 0) return undefined;
  // The enter events of today's table repeat their parameters in the exit events.
  if (def.dir === '>' && def.id >= 300) return undefined;
  return resolveAt(thread, params.text(path), params.i64(directory, -1));
}
