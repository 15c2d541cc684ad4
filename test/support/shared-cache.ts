import { createCache, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import { Metrics } from '@app/telemetry';
import { vi } from 'vitest';
import { silentLog } from '../fakes/recording-log.js';

/** The real cache as one process of several has it: memory before the Redis at `redisUrl`, connected. */
export async function sharedCache(redisUrl: string, prefix: string): Promise<CacheHandle> {
  const config = loadConfig({
    // Far above what is measured: a busy test machine is not what is tested.
    CACHE_OPERATION_DEADLINE_MS: '5000',
    CACHE_REDIS_URL: redisUrl,
    CACHE_PREFIX: prefix,
    CACHE_BACKEND: 'two_tier',
  });
  const handle = createCache(config, silentLog(), new Metrics());
  // Every call is a miss until the connection stands.
  await vi.waitFor(
    async () => {
      if (!(await handle.cache.ping()).ok) throw new Error('The cache is not connected.');
    },
    { timeout: 10_000 },
  );
  return handle;
}
