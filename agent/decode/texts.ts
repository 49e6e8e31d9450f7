import { HEADER } from './layout.ts';

/** u64 as a number: exact below 2^53, which ids and device numbers are. */
export function unsigned(p: Buffer, at: number): number {
  return p.readUInt32LE(at + 4) * 2 ** 32 + p.readUInt32LE(at);
}

const NAME_SLOTS = 512;
const nameWords = new Uint32Array(NAME_SLOTS * 4);
const names: string[] = Array(NAME_SLOTS).fill('');

/** Every record has one, and most have one of a few: the newest of each slot is kept by its 16 bytes. */
export function taskName(p: Buffer): string {
  const a = p.readUInt32LE(HEADER.comm);
  const b = p.readUInt32LE(HEADER.comm + 4);
  const c = p.readUInt32LE(HEADER.comm + 8);
  const d = p.readUInt32LE(HEADER.comm + 12);
  const mixed = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ d, 0x85ebca6b), 0xc2b2ae35), 0x9e3779b1);
  const slot = (mixed >>> 16) % NAME_SLOTS;
  const at = slot * 4;
  const isKnown =
    nameWords[at] === a && nameWords[at + 1] === b && nameWords[at + 2] === c && nameWords[at + 3] === d;
  if (!isKnown) {
    nameWords.set([a, b, c, d], at);
    names[slot] = textUntilNul(p, HEADER.comm, HEADER.comm + 16);
  }
  return names[slot] ?? '';
}

/** UTF-8 up to the first NUL. */
export function textUntilNul(p: Buffer, start: number, end: number): string {
  const nul = p.indexOf(0, start);
  return p.toString('utf8', start, nul < 0 || nul > end ? end : nul);
}

/** Names leaf first → absolute path. */
export function chainPath(p: Buffer, start: number, end: number): string {
  if (start === end) return '/';
  const names = p.toString('utf8', start, end).split('\0');
  names.pop();
  return `/${names.reverse().join('/')}`;
}

/** Texts that each end with a NUL. */
export function texts(p: Buffer, start: number, end: number): string[] {
  if (start === end) return [];
  const found = p.toString('utf8', start, end).split('\0');
  if (found.at(-1) === '') found.pop();
  return found;
}

type Environment = { readonly bytes: Buffer; readonly texts: readonly string[] };

/** Of programs that one parent starts again and again all have the same, of kilobytes: they share one list. By length. */
const environments = new Map<number, Environment>();
const ENVIRONMENTS_MAX = 64;

export function environment(p: Buffer, start: number, end: number): readonly string[] {
  const bytes = p.subarray(start, end);
  const known = environments.get(bytes.length);
  if (known?.bytes.equals(bytes)) return known.texts;
  if (environments.size >= ENVIRONMENTS_MAX) environments.clear();
  const found = { bytes: Buffer.from(bytes), texts: texts(p, start, end) };
  environments.set(bytes.length, found);
  return found.texts;
}
