const HEADER_BYTES = 12;
const NAME_BYTES_MAX = 255;
const RESPONSE_BIT = 0x80;

/**
 * The name that a DNS query asks for, in lower case; undefined for anything that is not one whole query.
 * Source: RFC 1035, 4.1. A question's name is not compressed. Bytes that no host name has are escaped as `\\ddd`.
 */
export function dnsQueryName(message: Uint8Array): string | undefined {
  if (message.length <= HEADER_BYTES || ((message[2] ?? 0) & RESPONSE_BIT) !== 0) return undefined;
  const questions = ((message[4] ?? 0) << 8) | (message[5] ?? 0);
  if (questions !== 1) return undefined;
  let name = '';
  for (let at = HEADER_BYTES; at < message.length && at - HEADER_BYTES < NAME_BYTES_MAX; ) {
    const length = message[at++] ?? 0;
    if (length === 0) return at + 4 <= message.length ? name || '.' : undefined;
    if (length > 63 || at + length > message.length) return undefined;
    if (name !== '') name += '.';
    for (let i = 0; i < length; i++) name += character(message[at + i] ?? 0);
    at += length;
  }
  return undefined;
}

function character(byte: number): string {
  const text = String.fromCharCode(byte);
  return /[a-zA-Z0-9_-]/.test(text) ? text.toLowerCase() : `\\${String(byte).padStart(3, '0')}`;
}
