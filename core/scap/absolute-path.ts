import type { CaptureEvent } from './capture-event.ts';
import { resolveAt } from './state-files.ts';

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
  linkat: [
    ['olddir', 'oldpath'],
    ['newdir', 'newpath'],
  ],
  unlinkat: [['dirfd', 'name']],
  mkdirat: [['dirfd', 'path']],
  fchmodat: [['dirfd', 'filename']],
};

/** evt.abspath: 0 and 1 the first path, 2 the second; undefined for other events. */
export function absolutePath(event: CaptureEvent, which: 0 | 1 | 2): string | undefined {
  const pair = PATHS[event.def.name]?.[which === 2 ? 1 : 0];
  const { thread, params, def } = event;
  if (pair === undefined || thread === undefined) return undefined;
  const directory = def.index.get(pair[0]) ?? -1;
  const path = def.index.get(pair[1]) ?? -1;
  if (directory < 0 || path < 0 || path >= params.count) return undefined;
  // The enter events of today's table repeat their parameters in the exit events.
  if (def.dir === '>' && def.id >= 300) return undefined;
  return resolveAt(thread, params.text(path), params.i64(directory, -1));
}
