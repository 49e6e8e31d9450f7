import { z } from 'zod';
import { eventRowSchema } from './events.ts';

/**
 * GET /api/v1/stream (text/event-stream). Each message is one of these under `data:`, with SSE `id:` =
 * feed cursor. `feed` carries alerts and categorised events, newest last, at most 20 per 250 ms;
 * `skipped` counts what the limit left out. `changed` tells which lists to refetch.
 */
export const streamMessageSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), serverTime: z.iso.datetime() }),
  z.object({ t: z.literal('feed'), rows: z.array(eventRowSchema), skipped: z.number().int() }),
  z.object({
    t: z.literal('changed'),
    what: z.array(z.enum(['events', 'incidents', 'actions', 'agents', 'cluster'])),
    /** Present when the change concerns one incident. */
    incidentId: z.number().optional(),
  }),
  /** Every 5 s: newest stored event's age tells the lag. */
  z.object({ t: z.literal('tick'), serverTime: z.iso.datetime(), lagMs: z.number().nullable() }),
]);
export type StreamMessage = z.infer<typeof streamMessageSchema>;
