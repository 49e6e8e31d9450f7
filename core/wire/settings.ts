import { z } from 'zod';
import { ACTIVITY_LEVELS } from './agents.ts';

export const EVENT_DAYS_MAX = 3_650;

/** GET /api/v1/settings */
export const settingsSchema = z.object({
  /** What agents store beside alerts: nothing, programs, or programs and connections. */
  activity: z.enum(ACTIVITY_LEVELS),
  /** Days that events are kept. */
  eventDays: z.number().int(),
  /** Start of the oldest day of which events are kept; null while there are none. */
  oldestDay: z.iso.date().nullable(),
  /** Of events with their indexes. */
  storedBytes: z.number(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** PATCH /api/v1/settings (admin); what is absent stays. */
export const patchSettingsSchema = z
  .strictObject({
    activity: z.enum(ACTIVITY_LEVELS).optional(),
    eventDays: z.number().int().min(1).max(EVENT_DAYS_MAX).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'nothing to change' });
