import type { Problem } from '../core/wire/problem.ts';

/**
 * The one error that verbs throw. `message` is shown to the user; `cause` and `internal` are logged
 * only. The transport code is one of nine; the domain reason is a separate field.
 */
export class AppError extends Error {
  readonly code: Problem['code'];
  readonly reason: string | undefined;
  readonly faults: Problem['faults'];
  readonly internal: string | undefined;

  constructor(
    code: Problem['code'],
    message: string,
    options: {
      readonly reason?: string;
      readonly faults?: Problem['faults'];
      readonly internal?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.reason = options.reason;
    this.faults = options.faults;
    this.internal = options.internal;
  }

  /** By name: each bundle of the server has its own copy of this class, and they share one runtime. */
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return value instanceof Error && value.name === 'AppError';
  }
}

const STATUS: Record<Problem['code'], number> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};

/** Maps any thrown value to the problem body; unknown errors become `internal` with a fixed text. */
export function toProblem(err: unknown, requestId: string): Problem {
  if (err instanceof AppError) {
    return {
      status: STATUS[err.code],
      code: err.code,
      ...(err.reason === undefined ? {} : { reason: err.reason }),
      message: err.message,
      requestId,
      ...(err.faults === undefined ? {} : { faults: err.faults }),
    };
  }
  return {
    status: 500,
    code: 'internal',
    message: 'Something failed on the server. The log has the details under this request id.',
    requestId,
  };
}
