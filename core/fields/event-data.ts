import type { SyscallEvent } from '../events/syscall.ts';
import type { Value } from './types.ts';

/** One parameter in its native type. */
export function rawArg(event: SyscallEvent, name: string): Value | undefined {
  const { parameters } = event;
  const value = parameters ? parameters.valueOf(parameters.indexOf(name)) : event.args[name];
  return Array.isArray(value) ? value.join(' ') : value;
}

/** Data read or written by the event. */
export function data(event: SyscallEvent): Uint8Array | undefined {
  const value = rawArg(event, 'data');
  return value instanceof Uint8Array ? value : undefined;
}

/** Bytes as text, everything unprintable as a dot. */
export function printable(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  return out;
}
