import { type NextRequest, NextResponse } from 'next/server';

const PUBLIC_PAGES = ['/login', '/setup'];
const development = process.env.NODE_ENV === 'development';

/**
 * Gives every page its Content Security Policy and sends visitors without a session cookie to the login
 * page. The cookie's presence proves nothing: every handler of the API authorises for itself.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const signedIn = request.cookies.getAll().some(({ name }) => name.endsWith('session_token'));
  if (!signedIn && !PUBLIC_PAGES.includes(pathname)) {
    const login = request.nextUrl.clone();
    login.pathname = '/login';
    login.search = pathname === '/' && search === '' ? '' : `?next=${encodeURIComponent(pathname + search)}`;
    return withHeaders(NextResponse.redirect(login), policy(''));
  }
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const csp = policy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  // The renderer reads the nonce for its own scripts from the request's policy.
  headers.set('content-security-policy', csp);
  return withHeaders(NextResponse.next({ request: { headers } }), csp);
}

/** Pages only: the API sets its own headers, files under /_next/static are public and immutable. */
export const config = {
  matcher: [
    {
      source: '/((?!api/|_next/static|_next/image|icon.svg).*)',
      missing: [{ type: 'header', key: 'next-router-prefetch' }],
    },
  ],
};

/** React's development build evaluates code and its overlay injects styles; production does neither. */
function policy(nonce: string): string {
  const scripts = nonce === '' ? "'none'" : `'self' 'nonce-${nonce}' 'strict-dynamic'`;
  return [
    "default-src 'self'",
    `script-src ${scripts}${development ? " 'unsafe-eval'" : ''}`,
    `style-src-elem 'self' ${development || nonce === '' ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function withHeaders(response: NextResponse, csp: string): NextResponse {
  response.headers.set('content-security-policy', csp);
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('x-frame-options', 'DENY');
  response.headers.set('referrer-policy', 'same-origin');
  response.headers.set('cross-origin-opener-policy', 'same-origin');
  response.headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()');
  return response;
}
