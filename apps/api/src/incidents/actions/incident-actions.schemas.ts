import { z } from 'zod';

export const reasonSchema = z
  .strictObject({ reason: z.string().trim().min(1).max(2_000) })
  .meta({ id: 'Reason', description: 'Why, for the people who read the timeline.' });
export type Reason = z.output<typeof reasonSchema>;
