import { z } from 'zod';

const ms = z.number().meta({ description: 'Milliseconds.' });

export const databasePerformanceSchema = z
  .object({
    mode: z.enum(['server', 'embedded']),
    since: z.string().meta({ description: 'When this process began to count.' }),
    queries: z.number(),
    totalMs: ms,
    meanMs: ms,
    slowest: z
      .array(z.object({ statement: z.string(), count: z.number(), totalMs: ms, meanMs: ms, maxMs: ms }))
      .meta({ description: 'The ten statements that took most time altogether, without their values.' }),
  })
  .meta({ id: 'DatabasePerformance' });
export type DatabasePerformanceView = z.output<typeof databasePerformanceSchema>;
