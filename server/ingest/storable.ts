/**
 * Makes a parsed JSON value storable: PostgreSQL holds neither NUL nor half a surrogate pair, in text as
 * in jsonb. Each becomes U+FFFD, so that the event is kept and the place stays visible.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [storable(key), storable(entry)]));
}

/** True when arrays and objects nest deeper than `max`; stops at the first such place. */
export function depthExceeds(value: unknown, max: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (max === 0) return true;
  for (const key in value) {
    const entry = (value as Record<string, unknown>)[key];
    if (typeof entry === 'object' && entry !== null && depthExceeds(entry, max - 1)) return true;
  }
  return false;
}
