const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 as a string; short ASCII, the common case, without a call into the decoder. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > 48) return decoder.decode(bytes.subarray(from, to));
  let out = '';
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(from, to));
    out += String.fromCharCode(byte);
  }
  return out;
}

/** Text up to the first NUL. */
export function decodeCString(bytes: Uint8Array, from: number, to: number): string {
  let end = from;
  while (end < to && bytes[end] !== 0) end++;
  return decodeText(bytes, from, end);
}

const KNOWN_MAX = 4096;
const KNOWN_LENGTH_MAX = 256;
const known: string[] = Array<string>(KNOWN_MAX).fill('');

/**
 * The same as decodeCString, for texts that come again and again, such as paths: one that was decoded before is
 * found by its bytes, without a new string. Bounded: a text takes the place of another one of its hash.
 */
export function knownCString(bytes: Uint8Array, view: DataView, from: number, to: number): string {
  const length = to - from - 1;
  if (length < 4 || length > KNOWN_LENGTH_MAX) return decodeCString(bytes, from, to);
  const last = to - 5;
  let hash = length;
  for (let i = from; i < last; i += 4) hash = Math.imul(hash ^ view.getInt32(i, true), 0x9e3779b1);
  hash = Math.imul(hash ^ view.getInt32(last, true), 0x9e3779b1);
  const slot = hash >>> 20;
  const text = known[slot] ?? '';
  if (text.length === length && bytes[to - 1] === 0) {
    let i = 0;
    while (i < length && text.charCodeAt(i) === bytes[from + i]) i++;
    if (i === length) return text;
  }
  const fresh = decodeCString(bytes, from, to);
  // Others than plain texts, with one NUL at their end, are decoded each time.
  if (fresh.length === length && bytes[to - 1] === 0) known[slot] = fresh;
  return fresh;
}

/** NUL-separated strings; a NUL at the end ends the last one. */
export function decodeStrings(bytes: Uint8Array, from: number, to: number): string[] {
  const out: string[] = [];
  let start = from;
  while (start < to) {
    let end = start;
    while (end < to && bytes[end] !== 0) end++;
    out.push(decodeText(bytes, start, end));
    start = end + 1;
  }
  return out;
}
