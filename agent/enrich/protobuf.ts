/** A length-delimited field: a string, bytes or a message. Numbers are checked and skipped: nobody asks for one. */
export type ProtoField = { readonly number: number; readonly bytes: Uint8Array };

/** A container's status has some dozens of fields; 4,096 × about 100 B = 400 KiB. */
const FIELDS_MAX = 4_096;
const VARINT_BYTES_MAX = 10;
const LENGTH_DELIMITED = 2;

/**
 * Splits one message into its length-delimited fields, in order; the bytes are views, not copies.
 * Errors: undefined for whatever is not a well-formed message or has more than FIELDS_MAX fields; never throws.
 * Source: protobuf.dev/programming-guides/encoding. Groups, which proto3 does not have, are refused.
 */
export function readMessage(bytes: Uint8Array): readonly ProtoField[] | undefined {
  const fields: ProtoField[] = [];
  let at = 0;
  for (let count = 0; at < bytes.length; count++) {
    const tag = varint(bytes, at);
    if (tag === undefined || count === FIELDS_MAX) return undefined;
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    if (number < 1 || number > 0x1fff_ffff) return undefined;
    const size = sizeOfValue(bytes, tag.end, wireType);
    if (size === undefined || size.end > bytes.length) return undefined;
    if (wireType === LENGTH_DELIMITED) fields.push({ number, bytes: bytes.subarray(size.start, size.end) });
    at = size.end;
  }
  return fields;
}

/** The last field of that number, as proto3 wants it, or undefined. */
export function fieldOf(fields: readonly ProtoField[] | undefined, number: number): Uint8Array | undefined {
  return fields?.findLast((field) => field.number === number)?.bytes;
}

/** A text field cut to `charsMax`; undefined when absent or empty, which proto3 does not tell apart. */
export function textOf(
  fields: readonly ProtoField[] | undefined,
  number: number,
  charsMax: number,
): string | undefined {
  const bytes = fieldOf(fields, number);
  if (bytes === undefined || bytes.length === 0) return undefined;
  // A character takes at most four bytes, so the rest need not be decoded.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, charsMax * 4));
  return text.slice(0, charsMax).toWellFormed();
}

/** All entries of a map<string, string>; a malformed entry is left out. */
export function textMapOf(
  fields: readonly ProtoField[] | undefined,
  number: number,
  charsMax: number,
): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const field of fields ?? []) {
    if (field.number !== number) continue;
    const entry = readMessage(field.bytes);
    const key = textOf(entry, 1, charsMax);
    if (key !== undefined) map.set(key, textOf(entry, 2, charsMax) ?? '');
  }
  return map;
}

/** Encodes one text field; a message is the concatenation of its fields. */
export function writeText(number: number, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([
    ...writeVarint(number * 8 + LENGTH_DELIMITED),
    ...writeVarint(bytes.length),
    ...bytes,
  ]);
}

function sizeOfValue(
  bytes: Uint8Array,
  at: number,
  wireType: number,
): { start: number; end: number } | undefined {
  if (wireType === 1) return { start: at, end: at + 8 };
  if (wireType === 5) return { start: at, end: at + 4 };
  if (wireType !== 0 && wireType !== LENGTH_DELIMITED) return undefined;
  const number = varint(bytes, at);
  if (number === undefined) return undefined;
  if (wireType === 0) return { start: at, end: number.end };
  return { start: number.end, end: number.end + number.value };
}

/** Exact up to 2^53; beyond that still larger than any message, which is all a length needs. */
function varint(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}

function writeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}
