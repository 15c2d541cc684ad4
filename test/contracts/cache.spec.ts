import { randomUUID } from 'node:crypto';
import { inject, vi } from 'vitest';
import { loadConfig } from '@app/config';
import { createCache } from '@app/cache';
import { Metrics } from '@app/telemetry';
import { FakeCache } from '../fakes/fake-cache.js';
import { silentLog } from '../fakes/recording-log.js';
import { cacheContract } from './cache.contract.js';

cacheContract('fake', async () => ({ cache: new FakeCache(), close: async () => undefined }));

cacheContract('memory', async () => createCache(loadConfig({}), silentLog(), new Metrics()));

cacheContract('Redis', async () => {
  const config = loadConfig({
    CACHE_REDIS_URL: inject('redisUrl'),
    CACHE_PREFIX: `test-${randomUUID()}`,
    // Far above what is measured: a busy test machine is not what is tested here.
    CACHE_OPERATION_DEADLINE_MS: '5000',
  });
  const handle = createCache(config, silentLog(), new Metrics());
  // Every call is a miss until the connection stands.
  await vi.waitFor(async () => {
    if (!(await handle.cache.ping()).ok) throw new Error('The cache is not connected.');
  });
  return {
    cache: handle.cache,
    close: async () => {
      await handle.cache.clear();
      await handle.close();
    },
  };
});
