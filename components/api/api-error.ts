import type { Problem } from '../../core/wire/problem.ts';

/** A refused or failed request; `problem` is what the server said, or a local equivalent. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** Message and request id of any thrown value, for an error state. */
export function describeError(err: unknown): {
  readonly message: string;
  readonly requestId: string | undefined;
} {
  if (err instanceof ApiError) return { message: err.problem.message, requestId: err.problem.requestId };
  return { message: 'The browser could not process the answer.', requestId: undefined };
}

export const isCode = (err: unknown, code: Problem['code']): boolean =>
  err instanceof ApiError && err.problem.code === code;
