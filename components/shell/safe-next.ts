/** Where to go after the login: a path of this site, else the Overview. Never another site or a script. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith('/') || /^\/[/\\]|[\p{Cc}\\]/u.test(next)) return '/';
  const url = new URL(next, 'http://local.invalid');
  if (url.host !== 'local.invalid' || url.pathname === '/login' || url.pathname === '/setup') return '/';
  return url.pathname + url.search;
}
