/** Adds `Secure` when the browser came by https, directly or through a proxy that says so. */
export function withSecure(cookie: string, req: Request): string {
  const proto = req.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() ?? new URL(req.url).protocol;
  return /^https:?$/.test(proto) && !/;\s*secure\b/i.test(cookie) ? `${cookie}; Secure` : cookie;
}

/** Puts Set-Cookie values on an answer. */
export function withCookies(response: Response, cookies: readonly string[], req: Request): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', withSecure(cookie, req));
  return response;
}
