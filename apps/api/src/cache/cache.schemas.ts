import { cacheStatisticsSchema } from '@app/cache';
import { z } from 'zod';

const count = z.number().int().nonnegative();

export const cachePerformanceSchema = z.object({
  cache_metrics: cacheStatisticsSchema,
  nfr_target: z.object({ hit_rate_percent: z.number(), error_rate_percent: z.number() }),
  recommendation: z.string(),
});
export type CachePerformanceView = z.infer<typeof cachePerformanceSchema>;

export const cacheAdminStatsSchema = cacheStatisticsSchema.extend({
  namespaces: z
    .record(z.string(), z.object({ hits: count, misses: count, sets: count, deletes: count, bytes: count }))
    .meta({ description: 'What this process did in each namespace since it started; bytes as stored.' }),
});
export type CacheAdminStatsView = z.infer<typeof cacheAdminStatsSchema>;

const name = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\s\p{Cc}]+$/u, 'must not hold white space or control characters');

/** All, a namespace with what lies below it, or a pattern over the keys. */
export const clearCacheSchema = z
  .strictObject({
    all: z.literal(true).optional(),
    namespace: name.optional().meta({ description: 'With all below it.', example: 'llm' }),
    pattern: name.optional().meta({
      description: 'Over keys without the prefix; `*` and `?` match anything.',
      example: 'github:*:octo:widgets:*',
    }),
  })
  .refine((asked) => Object.values(asked).filter((value) => value !== undefined).length === 1, {
    message: 'expected exactly one of all, namespace and pattern',
  });
export type ClearCache = z.output<typeof clearCacheSchema>;

export const clearedSchema = z.object({
  deleted: count.meta({ description: 'Keys that were deleted from the store all processes share.' }),
});
export const warmedSchema = z.object({
  read: count.meta({ description: 'Reads that were made through the cache.' }),
});
