import type { CaptureEvent } from './capture-event.ts';
import { FD } from './fd-state.ts';
import { syscallCategory } from './syscall-name.ts';

/** Categories of the driver that have another name for users. */
const NAMES: Readonly<Record<string, string>> = { ipc: 'IPC', internal: 'unknown' };

const KINDS: Readonly<Record<number, string>> = {
  [FD.file]: 'file',
  [FD.fileV2]: 'file',
  [FD.directory]: 'file',
  [FD.ipv4]: 'net',
  [FD.ipv6]: 'net',
  [FD.ipv4Server]: 'net',
  [FD.ipv6Server]: 'net',
  [FD.fifo]: 'ipc',
  [FD.unix]: 'ipc',
  [FD.event]: 'ipc',
  [FD.signal]: 'ipc',
  [FD.inotify]: 'ipc',
  [FD.userfault]: 'ipc',
};

/** evt.category: what an event is about; of reading and writing what the descriptor is. */
export function eventCategory(event: CaptureEvent): string {
  if (event.isGeneric) return syscallCategory(event.params.u16(0));
  const { category } = event.def;
  if (category.startsWith('io_')) return KINDS[event.usedFd?.type ?? -1] ?? 'unknown';
  if (event.merged && category === 'internal') return category;
  return NAMES[category] ?? category;
}
