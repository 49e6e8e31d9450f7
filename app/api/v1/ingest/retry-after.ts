type Handler = (req: Request, route: { params: Promise<unknown> }) => Promise<Response>;

const RETRY_SECONDS = '1';

/** Tells senders when to come back: 503 means that nothing was stored, and that waiting helps. */
export function withRetryAfter(handler: Handler): Handler {
  return async (req, route) => {
    const response = await handler(req, route);
    if (response.status === 503) response.headers.set('retry-after', RETRY_SECONDS);
    return response;
  };
}
