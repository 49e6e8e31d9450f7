/**
 * Turns a query string into the object that zod schemas parse. `ns` is always a list, `f.<facet>`
 * collects under `facets`, any other key is a string, or a list when it is repeated.
 */
export function queryObject(params: URLSearchParams): Record<string, unknown> {
  const out = new Map<string, unknown>();
  const facets = new Map<string, string[]>();
  for (const key of new Set(params.keys())) {
    const values = params.getAll(key);
    if (key.startsWith('f.')) facets.set(key.slice(2), values);
    else if (key === 'ns') out.set(key, values);
    else out.set(key, values.length === 1 ? values[0] : values);
  }
  if (facets.size > 0) out.set('facets', Object.fromEntries(facets));
  return Object.fromEntries(out);
}
