/** Safe readers over untrusted JSON: nothing here throws, nothing follows prototypes. */

export type Json = Readonly<Record<string, unknown>>;

/** The value as an object, or undefined. */
export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text form: strings, numbers and booleans as they print, objects as JSON, null as nothing. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined || value === null) return undefined;
  return JSON.stringify(value);
}

/** Follows own keys: `at(raw, 'objectRef', 'name')`. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    const object = asObject(here);
    if (!object || !Object.hasOwn(object, key)) return undefined;
    here = object[key];
  }
  return here;
}

/** RFC 6901 JSON pointer; the empty pointer is the whole document. */
export function pointer(document: unknown, text: string): unknown {
  if (text === '' || text === '/') return document;
  if (!text.startsWith('/')) return undefined;
  let here = document;
  for (const part of text.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(here)) here = /^\d+$/.test(key) ? here[Number(key)] : undefined;
    else here = at(here, key);
    if (here === undefined) return undefined;
  }
  return here;
}
