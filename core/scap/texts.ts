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
