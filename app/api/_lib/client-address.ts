/**
 * Address a request came from, as the nearest proxy (or Next itself) saw it: the last hop. The hops
 * before it are the sender's own words. `unknown` when nothing tells.
 */
export function clientAddress(req: Request): string {
  const last = req.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();
  return last === undefined || last === '' ? 'unknown' : last.slice(0, 64);
}
