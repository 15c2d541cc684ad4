import { randomUUID } from 'node:crypto';
import { inject, vi } from 'vitest';
import { loadConfig } from '@app/config';
import { createCache, type CacheOptions } from '@app/cache';
import { Metrics } from '@app/telemetry';
import { FakeCache } from '../fakes/fake-cache.js';
import { silentLog } from '../fakes/recording-log.js';
import { chaosStore, seededRandom } from '../support/chaos-store.js';
import { cacheContract, type CacheUnderTest } from './cache.contract.js';

/** Far above what is measured: a busy test machine is not what is tested here. */
const PATIENT = { CACHE_OPERATION_DEADLINE_MS: '5000' };

async function onRedis(backend: 'redis' | 'two_tier', options: CacheOptions = {}): Promise<CacheUnderTest> {
  const config = loadConfig({
    ...PATIENT,
    CACHE_REDIS_URL: inject('redisUrl'),
    CACHE_PREFIX: `test-${randomUUID()}`,
    CACHE_BACKEND: backend,
  });
  const handle = createCache(config, silentLog(), new Metrics(), options);
  // Every call is a miss until the connection stands.
  await vi.waitFor(
    async () => {
      if (!(await handle.cache.ping()).ok) throw new Error('The cache is not connected.');
    },
    { timeout: 10_000 },
  );
  return {
    cache: handle.cache,
    close: async () => {
      await handle.cache.clear();
      await handle.close();
    },
  };
}

cacheContract('fake', async () => ({ cache: new FakeCache(), close: async () => undefined }));

cacheContract('memory', async () => createCache(loadConfig({}), silentLog(), new Metrics()));

cacheContract('Redis', () => onRedis('redis'));

cacheContract('memory before Redis', () => onRedis('two_tier'));

let seed = 0;
cacheContract(
  'memory before a Redis with random errors and delays',
  () => {
    const random = seededRandom((seed += 1));
    const chaos = { failing: 0.15, unheard: 0.1, delayMs: 8, random };
    return onRedis('two_tier', { around: (store) => chaosStore(store, chaos), leaseMs: 200 });
  },
  // What failed is made good later: counts tell what is known, and errors are counted.
  { exact: false },
);
