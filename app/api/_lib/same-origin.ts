import { AppError } from '../../../server/errors.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a state-changing request that another site started. With a cookie the browser's own word
 * (Origin, or Sec-Fetch-Site) is required; without one a foreign Origin is refused all the same, so
 * that a foreign page cannot log a browser in.
 */
export function requireSameOrigin(req: Request, withCookie: boolean): void {
  if (SAFE_METHODS.has(req.method)) return;
  const origin = req.headers.get('origin');
  if (origin === null) {
    if (!withCookie || req.headers.get('sec-fetch-site') === 'same-origin') return;
    throw new AppError('forbidden', 'The request has no Origin header.', { reason: 'origin_missing' });
  }
  const host = req.headers.get('x-forwarded-host') ?? req.headers.get('host') ?? new URL(req.url).host;
  if (originHost(origin) === host.toLowerCase()) return;
  throw new AppError('forbidden', 'The request comes from another site.', { reason: 'origin_foreign' });
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
