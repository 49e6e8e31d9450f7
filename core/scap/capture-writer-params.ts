import { type BlockWriter, cutText, joinTexts } from './block-writer.ts';
import { writeAddress } from './capture-writer-lists.ts';
import type { ParamDef } from './event-defs.ts';
import type { Address } from './fd-state.ts';
import { AF_INET, AF_INET6, AF_UNIX } from './socket-address.ts';

/** An IP address and port; IPv4 as a number in memory order, IPv6 as text. */
export type Endpoint = { readonly ip: Address; readonly port: number };

/** Both ends of a socket. */
export type SocketTuple =
  | { readonly source: Endpoint; readonly dest: Endpoint }
  | { readonly path: string; readonly source: bigint; readonly peer: bigint };

/**
 * Value of an event's parameter. Numbers for everything of fixed size; text for strings and paths; lists for
 * NUL-separated strings; an end or both for addresses; bytes for any parameter, as they lie in the file.
 * Undefined is a parameter without a value.
 */
export type ParamInput =
  | number
  | bigint
  | boolean
  | string
  | readonly string[]
  | Uint8Array
  | Endpoint
  | SocketTuple
  | undefined;

/** Writes one value, cut to `bytesMax` where its length varies. Errors: TypeError for a value that cannot be of its type. */
export function writeParam(out: BlockWriter, def: ParamDef, value: ParamInput, bytesMax: number): void {
  if (value === undefined) return;
  if (value instanceof Uint8Array) out.raw(value.subarray(0, bytesMax));
  else if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    writeNumber(out, def, value);
  } else if (typeof value === 'string') writeText(out, def, value, bytesMax);
  else if (isList(value)) out.raw(joinTexts(value, bytesMax));
  else if ('path' in value) {
    out.u8(AF_UNIX);
    out.u64(value.source);
    out.u64(value.peer);
    out.raw(cutText(value.path, Math.max(0, bytesMax - 18)));
    out.u8(0);
  } else if ('source' in value) {
    const v6 = writeFamily(out, value.source.ip);
    writeEndpoint(out, value.source, v6);
    writeEndpoint(out, value.dest, v6);
  } else writeEndpoint(out, value, writeFamily(out, value.ip));
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value);
}

function writeNumber(out: BlockWriter, def: ParamDef, value: number | bigint | boolean): void {
  if (def.type === 'double') {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, Number(value), true);
    out.raw(bytes);
    return;
  }
  switch (def.size) {
    case 1:
      out.u8(Number(value));
      return;
    case 2:
      out.u16(Number(value));
      return;
    case 4:
      out.u32(Number(value));
      return;
    case 8:
      out.u64(BigInt(value));
      return;
    default:
      throw new TypeError(`a number cannot be the value of ${def.name}`);
  }
}

function writeText(out: BlockWriter, def: ParamDef, text: string, bytesMax: number): void {
  if (def.size > 0) throw new TypeError(`text cannot be the value of ${def.name}`);
  if (def.type === 'bytes') {
    out.raw(cutText(text, bytesMax));
    return;
  }
  // Readers take text up to its first NUL.
  out.raw(cutText(text.split('\0', 1)[0] ?? '', bytesMax - 1));
  out.u8(0);
}

function writeFamily(out: BlockWriter, ip: Address): boolean {
  const v6 = typeof ip === 'string';
  out.u8(v6 ? AF_INET6 : AF_INET);
  return v6;
}

function writeEndpoint(out: BlockWriter, { ip, port }: Endpoint, v6: boolean): void {
  writeAddress(out, ip, v6);
  out.u16(port);
}
