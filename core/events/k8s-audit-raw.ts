import { cleanText, objectOf } from './k8s-audit-facts.ts';

/** Stored size of one original audit event; a larger one loses its bodies, and says so. */
export const AUDIT_RAW_BYTES_MAX = 64 * 1024;

/** Real objects stay far below; PostgreSQL refuses a jsonb that nests deeper than its stack. */
const DEPTH_MAX = 100;

const BODIES = new Set(['requestObject', 'responseObject']);
const ESCAPE_HAZARD = /\\u0000|\\ud[89a-f]/i;

/**
 * The original audit event as it is stored. Above 64 KiB, or nested deeper than 100, the request and
 * response bodies are left out, and so is every other member over 16 KiB; `eyrieOmitted` then names what is
 * missing and the original size. NUL and lone surrogates become U+FFFD, since jsonb refuses them.
 * Errors: none; what cannot be written as JSON is stored as its `eyrieOmitted` note alone.
 */
export function limitAuditRaw(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const whole = toJson(raw);
  if (whole !== undefined && byteLengthMax(whole) <= AUDIT_RAW_BYTES_MAX) return tidy(raw, whole);
  const omitted: string[] = [];
  const kept: Record<string, unknown> = {};
  let room = AUDIT_RAW_BYTES_MAX - 4_096;
  for (const [name, value] of Object.entries(raw).slice(0, 64)) {
    const part = BODIES.has(name) || name.length > 64 ? undefined : toJson(value);
    const size = part === undefined ? 0 : byteLengthMax(part) + name.length + 4;
    if (part === undefined || size > Math.min(room, 16_384)) {
      if (omitted.length < 32) omitted.push(cleanText(name, 64));
      continue;
    }
    room -= size;
    kept[cleanText(name, 64)] = tidy(value, part);
  }
  return { ...kept, eyrieOmitted: { members: omitted, originalBytes: whole?.length ?? null } };
}

/** Upper bound of the UTF-8 size without encoding: exact for ASCII, which audit events nearly always are. */
function byteLengthMax(json: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what is tested
  return /^[\x00-\x7f]*$/.test(json) ? json.length : json.length * 3;
}

function toJson(value: unknown): string | undefined {
  try {
    return isShallow(value, DEPTH_MAX) ? JSON.stringify(value) : undefined;
  } catch {
    // A BigInt or a throwing getter: no JSON text exists. Neither comes out of JSON.parse.
    return undefined;
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((member) => isShallow(member, depth - 1));
}

function tidy<T>(value: T, json: string): T;
function tidy(value: unknown, json: string): unknown {
  return ESCAPE_HAZARD.test(json) ? scrub(value) : value;
}

function scrub(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value, value.length);
  if (Array.isArray(value)) return value.map(scrub);
  const object = objectOf(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [cleanText(name, name.length), scrub(member)]),
  );
}
