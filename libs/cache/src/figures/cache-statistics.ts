import type { CacheFigures } from '@app/domain';
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What a cache tells of itself over HTTP; figures of a tier that it hasn't, or that doesn't answer, are left out. */
export const cacheStatisticsSchema = z.object({
  backend: z.enum(['memory', 'redis', 'two_tier']),
  timestamp: z.iso.datetime(),
  hits: count,
  misses: count,
  sets: count,
  deletes: count,
  errors: count,
  total_reads: count.describe('Hits and misses of this process since it started.'),
  hit_rate_percent: z
    .number()
    .min(0)
    .max(100)
    .describe('Hits of 100 reads of this process; 0 before the first.'),
  redis_connected: z.boolean(),
  redis_used_memory: count.optional().describe('Bytes.'),
  redis_connected_clients: count.optional(),
  redis_keyspace_hits: count.optional().describe('Of every user of this Redis since it started.'),
  redis_keyspace_misses: count.optional(),
  total_commands: count.optional(),
  uptime_seconds: count.optional(),
  hit_rate: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Share of Redis’ keyspace hits; lower than the cache’s own rate, since each lease looks for a key.',
    ),
  memory_cache_size: count.optional().describe('Entries in the memory of the process that answers.'),
  memory_cache_max_size: count.optional(),
  memory_cache_default_ttl: z.number().optional().describe('Seconds.'),
});
export type CacheStatistics = z.infer<typeof cacheStatisticsSchema>;

export function cacheStatistics({ redis, memory, ...own }: CacheFigures): CacheStatistics {
  const totalReads = own.hits + own.misses;
  return {
    backend: own.backend,
    timestamp: own.at.toISOString(),
    hits: own.hits,
    misses: own.misses,
    sets: own.sets,
    deletes: own.deletes,
    errors: own.errors,
    total_reads: totalReads,
    hit_rate_percent: Math.round(share(own.hits, totalReads) * 10_000) / 100,
    redis_connected: own.redisConnected,
    ...(redis && {
      redis_used_memory: redis.usedMemoryBytes,
      redis_connected_clients: redis.connectedClients,
      redis_keyspace_hits: redis.keyspaceHits,
      redis_keyspace_misses: redis.keyspaceMisses,
      total_commands: redis.totalCommands,
      uptime_seconds: redis.uptimeSeconds,
      hit_rate: share(redis.keyspaceHits, redis.keyspaceHits + redis.keyspaceMisses),
    }),
    ...(memory && {
      memory_cache_size: memory.entries,
      memory_cache_max_size: memory.maxEntries,
      memory_cache_default_ttl: memory.defaultTtlMs / 1_000,
    }),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
