import { randomUUID } from 'node:crypto';
import { inject, vi } from 'vitest';
import { createCoordination } from '@app/cache';
import { loadConfig } from '@app/config';
import { FakeLock } from '../fakes/fake-lock.js';
import { silentLog } from '../fakes/recording-log.js';
import { lockContract } from './lock.contract.js';

lockContract('fake', async () => ({ lock: new FakeLock(), close: async () => undefined }));

lockContract('in process', async () => createCoordination(loadConfig({}), silentLog()));

lockContract('Redis', async () => {
  const config = loadConfig({ REDIS_URL: inject('redisUrl'), CACHE_PREFIX: `test-${randomUUID()}` });
  const handle = createCoordination(config, silentLog());
  // Refused until the connection stands.
  await vi.waitFor(() => handle.lock.tryAcquire(randomUUID(), 1), { timeout: 10_000 });
  return handle;
});
