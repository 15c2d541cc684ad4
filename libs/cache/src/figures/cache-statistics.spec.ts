import { describe, expect, it } from 'vitest';
import type { CacheFigures } from '@app/domain';
import { cacheStatistics, cacheStatisticsSchema } from './cache-statistics.js';
import { redisFiguresOf } from './redis-figures.js';

const own: CacheFigures = {
  backend: 'two_tier',
  at: new Date('2026-11-20T10:00:00Z'),
  hits: 2,
  misses: 1,
  sets: 1,
  deletes: 0,
  errors: 0,
  redisConnected: true,
  namespaces: {},
  redis: null,
  memory: null,
};
const info = (used: number, uptime: number): string =>
  [
    '# Server',
    `uptime_in_seconds:${uptime}`,
    '# Memory',
    `used_memory:${used}`,
    'used_memory_human:1M',
    'connected_clients:3',
    'total_commands_processed:40',
    'keyspace_hits:6',
    'keyspace_misses:2',
    '',
  ].join('\r\n');

describe('cacheStatistics', () => {
  it('answers what every backend has, and no tier that there is not', () => {
    const statistics = cacheStatistics(own);
    expect(cacheStatisticsSchema.parse(statistics)).toEqual(statistics);
    expect(statistics).toMatchObject({ total_reads: 3, hit_rate_percent: 66.67, redis_connected: true });
    expect(Object.keys(statistics).filter((name) => /memory|keyspace|uptime/.test(name))).toEqual([]);
  });

  it('has a rate before the first read', () => {
    expect(cacheStatistics({ ...own, hits: 0, misses: 0 })).toMatchObject({ hit_rate_percent: 0 });
  });

  it('answers what INFO says, summed over the servers of a cluster', () => {
    const statistics = cacheStatistics({
      ...own,
      redis: redisFiguresOf([info(1_000, 50), info(2_000, 20)]),
      memory: { entries: 5, maxEntries: 10, bytes: 1, maxBytes: 2, defaultTtlMs: 60_000 },
    });
    expect(statistics).toMatchObject({
      redis_used_memory: 3_000,
      redis_connected_clients: 6,
      redis_keyspace_hits: 12,
      redis_keyspace_misses: 4,
      total_commands: 80,
      uptime_seconds: 20,
      hit_rate: 0.75,
      memory_cache_size: 5,
      memory_cache_max_size: 10,
      memory_cache_default_ttl: 60,
    });
  });
});
