import { z } from 'zod';

const partSchema = z.object({
  state: z.enum(['ok', 'degraded', 'down']),
  latencyMs: z.number().nullable(),
  detail: z.string().nullable(),
});

export const readinessSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    parts: z.record(z.string(), partSchema),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.output<typeof readinessSchema>;

export const livenessSchema = z.object({ status: z.literal('ok') });
