import { isDeepStrictEqual } from 'node:util';
import type { Config } from '@app/config';
import { skipped, type Check } from '../check.js';
import { redisChecks, type RedisUnderTest } from './redis-checks.js';

/** The Redis of the queues, locks and limits, and that of the cache; checked once when they are the same. */
export function redisPart(config: Config): Check[] {
  const common = { prefix: config.cache.prefix, deadlineMs: config.cache.operationDeadlineMs };
  const { redis: main } = config;
  const cache = config.cache.enabled ? config.cache.redis : null;
  const shared = main !== null && isDeepStrictEqual(main, cache);
  const servers: RedisUnderTest[] = [];
  if (main !== null)
    servers.push({
      ...common,
      use: shared ? 'queues and cache' : 'queues',
      endpoint: main,
      variable: main.mode === 'sentinel' ? 'REDIS_SENTINELS' : 'REDIS_URL',
    });
  if (cache !== null && !shared)
    servers.push({ ...common, use: 'cache', endpoint: cache, variable: cacheVariable(cache.mode) });
  if (servers.length > 0) return servers.flatMap(redisChecks);
  const none = 'none is configured: the queue is in the database, the cache in the process';
  return [{ name: 'Redis', run: async () => skipped(none) }];
}

function cacheVariable(mode: 'single' | 'sentinel' | 'cluster'): string {
  if (mode === 'cluster') return 'CACHE_REDIS_CLUSTER_NODES';
  return mode === 'sentinel' ? 'CACHE_REDIS_SENTINELS' : 'CACHE_REDIS_URL';
}
