import { z } from 'zod';

const MAX_DAYS = 90;

const saved = {
  hits: z.number().int().nonnegative(),
  costUsd: z.number().nonnegative().meta({ description: 'What the answers had cost that were given again.' }),
  latencyMs: z.number().nonnegative().meta({ description: 'How long getting them had taken.' }),
  calls: z
    .number()
    .int()
    .nonnegative()
    .meta({ description: 'Calls of models and of GitHub that were not made.' }),
};

export const savingsQuerySchema = z.strictObject({
  days: z.coerce.number().int().min(1).max(MAX_DAYS).default(7).meta({ description: 'Today included.' }),
});
export type SavingsQuery = z.output<typeof savingsQuerySchema>;

export const savingsSchema = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  total: z.object(saved),
  operations: z
    .array(z.object({ namespace: z.string(), ...saved }))
    .meta({ description: 'The dearest first.' }),
  days: z.array(
    z.object({ day: z.iso.date(), operations: z.array(z.object({ namespace: z.string(), ...saved })) }),
  ),
});
export type SavingsView = z.infer<typeof savingsSchema>;
