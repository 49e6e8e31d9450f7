import { z } from 'zod';

/** Path of one incident: its number, with or without the `INC-` people write. */
export const incidentParams = z.object({
  id: z
    .string()
    .regex(/^(?:INC-)?\d{1,9}$/, 'an incident is a number, or INC- and a number')
    .transform((text) => Number(text.replace('INC-', ''))),
});
