import type { Config } from '@app/config';
import type { Cache, Log } from '@app/domain';
import type { Metrics } from '@app/telemetry';
import { BypassCache } from './bypass-cache.js';
import { CacheCounters } from './cache-counters.js';
import { CacheManagerCache } from './cache-manager-cache.js';
import { CacheNames } from './cache-names.js';
import { cachePolicies } from './cache-policies.js';
import { RedisConnection } from './redis/redis-connection.js';
import type { ByteStore } from './stores/byte-store.js';
import { MemoryStore } from './stores/memory-store.js';
import { RedisStore } from './stores/redis-store.js';

export interface CacheHandle {
  readonly cache: Cache;
  /** Ends the connection to Redis; calls that follow are misses. */
  close(): Promise<void>;
}

/**
 * The cache that the configuration asks for: none, Redis when it has an address, otherwise memory. Returns at once:
 * until Redis is connected, calls are misses.
 * @throws InvalidConfiguration when a lifetime is set for a kind of entry that doesn't exist
 */
export function createCache(config: Pick<Config, 'cache'>, log: Log, metrics: Metrics): CacheHandle {
  const { enabled, prefix, redisUrl, ttlOverridesMs, maxValueBytes } = config.cache;
  const policies = cachePolicies(ttlOverridesMs);
  if (!enabled) return { cache: new BypassCache(), close: async () => undefined };
  const cacheLog = log.child({ part: 'cache' });
  const counters = new CacheCounters(metrics, redisUrl === null ? 'memory' : 'redis');
  const cache = new CacheManagerCache({
    store: createStore(config, cacheLog, counters),
    names: new CacheNames(prefix, policies),
    policies,
    counters,
    log: cacheLog,
    maxValueBytes,
  });
  return { cache, close: () => cache.close() };
}

function createStore({ cache }: Pick<Config, 'cache'>, log: Log, counters: CacheCounters): ByteStore {
  if (cache.redisUrl === null) return new MemoryStore(cache, counters);
  return new RedisStore(new RedisConnection(cache.redisUrl, cache.operationDeadlineMs, log), counters);
}
