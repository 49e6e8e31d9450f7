import { z } from 'zod';

/** Error body of every endpoint, RFC 9457 shape. `message` is for the user; internals never appear. */
export const problemSchema = z.object({
  status: z.number().int(),
  code: z.enum([
    'bad_request',
    'unauthenticated',
    'forbidden',
    'not_found',
    'conflict',
    'too_large',
    'rate_limited',
    'unavailable',
    'internal',
  ]),
  /** Domain reason, e.g. `filter_syntax`, `preview_stale`, `protected_target`. */
  reason: z.string().optional(),
  message: z.string(),
  requestId: z.string().optional(),
  /** Faults with positions: body path, or line/column inside a filter or rule file. */
  faults: z
    .array(
      z.object({
        path: z.string().optional(),
        line: z.number().int().optional(),
        column: z.number().int().optional(),
        message: z.string(),
      }),
    )
    .optional(),
});
export type Problem = z.infer<typeof problemSchema>;
