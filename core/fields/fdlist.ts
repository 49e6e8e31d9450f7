import type { FdInfo, SyscallEvent } from '../events/syscall.ts';
import { fdName } from './fd-text.ts';
import { type FieldDef, syscallFields } from './types.ts';

/** Descriptors of a poll as the parameter's text shows them: `4:41 5:u1`. */
const POLLED = /(?:^| )(-?\d+):/g;

function fdNumbers(event: SyscallEvent): number[] | undefined {
  if (event.type !== 'poll' && event.type !== 'ppoll') return undefined;
  const text = event.parameters?.textOf(event.parameters.indexOf('fds'));
  return text === undefined ? undefined : [...text.matchAll(POLLED)].map((found) => Number(found[1]));
}

/** One text of all descriptors that a poll waits for; `read` leaves out what it gives nothing for. */
function field(
  name: string,
  help: string,
  read: (number: number, fd: FdInfo | undefined) => string | undefined,
): FieldDef {
  return syscallFields('fdlist')(`fdlist.${name}`, 'string', `${help} that a poll names`, (e) => {
    const numbers = fdNumbers(e);
    if (!numbers || !e.thread) return undefined;
    const { fds } = e.thread;
    const texts = numbers.map((number) => read(number, fds.get(number))).filter((text) => text !== undefined);
    return texts.join(',') || undefined;
  });
}

export const FDLIST_FIELDS: readonly FieldDef[] = [
  field('nums', 'Descriptors', String),
  field('names', 'Names of the descriptors', (_, fd) => (fd && fdName(fd)) || '<NA>'),
  field('cips', 'Client addresses', (_, fd) => fd?.tuple?.clientIp || undefined),
  field('sips', 'Server addresses', (_, fd) => fd?.tuple?.serverIp || undefined),
  field('cports', 'Client ports', (_, fd) => (fd?.tuple?.clientIp ? String(fd.tuple.clientPort) : undefined)),
  field('sports', 'Server ports', (_, fd) => fd?.tuple && String(fd.tuple.serverPort)),
];
