import { z } from 'zod';

export const reasonSchema = z
  .strictObject({ reason: z.string().trim().min(1).max(2_000) })
  .meta({ id: 'Reason', description: 'Why, for the people who read the timeline.' });
export type Reason = z.output<typeof reasonSchema>;

export const diagnoseQuerySchema = z.strictObject({
  fresh: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({
      description: 'Past the stored diagnosis and the caches: every answer is made anew, and paid for.',
    }),
});
export type DiagnoseQuery = z.output<typeof diagnoseQuerySchema>;
