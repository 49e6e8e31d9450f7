import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { authenticate, type Need } from '../../../server/auth/authenticate.ts';
import type { Ctx } from '../../../server/context.ts';
import { asUnavailable } from '../../../server/db/unavailable.ts';
import { AppError, toProblem } from '../../../server/errors.ts';
import { getRuntime } from '../../../server/runtime.ts';
import { queryObject } from './query-object.ts';
import { readJson } from './read-body.ts';
import { requireSameOrigin } from './same-origin.ts';
import { withCookies } from './secure-cookie.ts';

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a route needs before its verb runs. A missing schema leaves that part unread. */
export type RouteSpec<Q, B, P> = {
  readonly auth: Need;
  readonly query?: Q;
  readonly body?: B;
  readonly params?: P;
  /** Default 1 MiB, measured after unpacking. */
  readonly bodyBytesMax?: number;
};

export type RouteInput<Q, B, P> = {
  readonly ctx: Ctx;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  readonly params: Parsed<P>;
  readonly req: Request;
};

/**
 * Makes a route handler: authenticate, parse, run, answer. A Response passes through, undefined is 204,
 * anything else becomes JSON. Errors: every thrown value becomes a problem body with the request id.
 */
export function handle<
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  P extends z.ZodType | undefined = undefined,
>(spec: RouteSpec<Q, B, P>, run: (input: RouteInput<Q, B, P>) => Promise<unknown>) {
  return async (req: Request, route: { params: Promise<unknown> }): Promise<Response> => {
    const requestId = randomUUID();
    let response: Response;
    try {
      const runtime = await getRuntime();
      const log = runtime.log.child({ requestId });
      try {
        const { actor, byCookie, setCookie } = await authenticate({ runtime, req, need: spec.auth });
        requireSameOrigin(req, byCookie);
        const ctx: Ctx = {
          actor,
          requestId,
          now: () => new Date(),
          db: runtime.db,
          pool: runtime.pool,
          log,
          config: runtime.config,
        };
        const result = await run({
          ctx,
          req,
          params: parse(spec.params, spec.params && (await route.params), 'path') as Parsed<P>,
          query: parse(
            spec.query,
            spec.query && queryObject(new URL(req.url).searchParams),
            'query',
          ) as Parsed<Q>,
          body: parse(spec.body, spec.body && (await readJson(req, spec.bodyBytesMax)), 'body') as Parsed<B>,
        });
        response = withCookies(toResponse(result), setCookie, req);
      } catch (thrown) {
        // Network errors of others, the cluster's API among them, carry the same codes: only Prisma's are sure.
        const isDatabase = thrown instanceof Error && thrown.name.startsWith('PrismaClient');
        const err = isDatabase ? asUnavailable(thrown) : thrown;
        logFailure(log, req, err);
        response = problemResponse(err, requestId);
      }
    } catch (err) {
      response = problemResponse(err, requestId);
    }
    response.headers.set('x-request-id', requestId);
    if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
    return response;
  };
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, 50).map((fault) => ({
    path: [where, ...fault.path.map(String)].join('.').slice(0, 256),
    message: fault.message.slice(0, 500),
  }));
  throw new AppError('bad_request', `The ${where} is not valid: ${faults[0]?.message ?? 'unknown fault'}.`, {
    reason: `${where}_invalid`,
    faults,
  });
}

function toResponse(result: unknown): Response {
  if (result instanceof Response) return result;
  if (result === undefined) return new Response(null, { status: 204 });
  return Response.json(result);
}

function problemResponse(err: unknown, requestId: string): Response {
  const problem = toProblem(err, requestId);
  return Response.json(problem, {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(problem.code === 'rate_limited' ? { 'retry-after': '60' } : {}),
    },
  });
}

function logFailure(log: Ctx['log'], req: Request, err: unknown): void {
  const path = new URL(req.url).pathname;
  if (err instanceof AppError && err.code !== 'internal') {
    log.info({ path, code: err.code, reason: err.reason, internal: err.internal }, err.message);
  } else {
    log.error({ path, err }, 'request failed');
  }
}
