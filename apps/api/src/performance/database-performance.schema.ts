import { z } from 'zod';

const ms = z.number().meta({ description: 'Milliseconds.' });

const slowest = z
  .array(z.object({ statement: z.string(), count: z.number(), totalMs: ms, meanMs: ms, maxMs: ms }))
  .meta({ description: 'The statements that took most time altogether, without their values.' });

export const databasePerformanceSchema = z
  .object({
    mode: z.enum(['server', 'embedded']),
    since: z.string().meta({ description: 'When this process began to count.' }),
    queries: z.number(),
    totalMs: ms,
    meanMs: ms,
    slowest,
    host: z
      .object({ since: z.string(), statements: z.number(), busyMs: ms, cpuMs: ms, slowest })
      .nullable()
      .meta({
        description: 'The embedded server’s own time, no waiting in it; null where another process hosts it.',
      }),
  })
  .meta({ id: 'DatabasePerformance' });
export type DatabasePerformanceView = z.output<typeof databasePerformanceSchema>;
