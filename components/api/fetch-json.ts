import type { z } from 'zod';
import { type Problem, problemSchema } from '../../core/wire/problem.ts';
import { ApiError } from './api-error.ts';
import { visibleText } from './visible-text.ts';

const TIMEOUT_MS = 30_000;

export type FetchOptions = {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: URLSearchParams | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Calls the API and parses the answer with the schema of the contract.
 * Errors: ApiError for every refusal, network failure, timeout and unexpected body.
 */
export async function fetchJson<T>(
  schema: z.ZodType<T>,
  path: `/api/v1/${string}`,
  options: FetchOptions = {},
): Promise<T> {
  const res = await send(path, options);
  const text = await res.text();
  // Every string on the screen comes through here, so what hides or reverses text is made visible here.
  const json = visibleText(parseJson(text));
  if (!res.ok) throw new ApiError(toProblem(res, json));
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0];
  throw new ApiError(
    local(
      res.status,
      'internal',
      `The answer has an unexpected form at ${where?.path.join('.') || 'its root'}.`,
      res,
    ),
    { cause: parsed.error },
  );
}

/** For answers without a body (204) or whose body does not matter. */
export async function fetchVoid(path: `/api/v1/${string}`, options: FetchOptions = {}): Promise<void> {
  const res = await send(path, options);
  if (!res.ok) throw new ApiError(toProblem(res, parseJson(await res.text())));
  await res.body?.cancel();
}

async function send(path: string, options: FetchOptions): Promise<Response> {
  const query = options.query?.toString();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(query ? `${path}?${query}` : path, {
      method: options.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    });
  } catch (err) {
    if (options.signal?.aborted) throw err;
    const message = timeout.aborted
      ? 'The server did not answer within 30 s.'
      : 'The server cannot be reached.';
    throw new ApiError({ status: 0, code: 'unavailable', message }, { cause: err });
  }
}

function toProblem(res: Response, json: unknown): Problem {
  const parsed = problemSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  return local(res.status, codeOf(res.status), `The server answered with status ${res.status}.`, res);
}

function local(status: number, code: Problem['code'], message: string, res: Response): Problem {
  const requestId = res.headers.get('x-request-id');
  return { status, code, message, ...(requestId === null ? {} : { requestId }) };
}

function codeOf(status: number): Problem['code'] {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 409) return 'conflict';
  if (status === 413) return 'too_large';
  if (status === 429) return 'rate_limited';
  if (status >= 502 && status <= 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'bad_request';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
