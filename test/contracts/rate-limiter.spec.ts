import { randomUUID } from 'node:crypto';
import { loadConfig } from '@app/config';
import { Metrics } from '@app/telemetry';
import { inject, vi } from 'vitest';
import { createLimits } from '../../libs/cache/src/limits/create-limits.js';
import { RedisRateLimiter } from '../../libs/cache/src/limits/redis-rate-limiter.js';
import { RedisConnection } from '../../libs/cache/src/redis/redis-connection.js';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { silentLog } from '../fakes/recording-log.js';
import { rateLimiterContract } from './rate-limiter.contract.js';

const tools = () => ({ log: silentLog(), metrics: new Metrics(), eventBus: new FakeEventBus() });

rateLimiterContract('in process', async (now) => createLimits(loadConfig({}), { ...tools(), now }));

// Without the limiter that steps in for it: an answer must be Redis' own.
rateLimiterContract('Redis', async (now) => {
  const { redis } = loadConfig({ REDIS_URL: inject('redisUrl') });
  const connection = new RedisConnection(redis!, 5_000, silentLog());
  await vi.waitFor(() => connection.run(() => connection.client.ping()), { timeout: 10_000 });
  const limiter = new RedisRateLimiter(connection, `test-${randomUUID()}`, now);
  return { rateLimiter: limiter, close: () => connection.close() };
});

rateLimiterContract('in process, because Redis is away', async (now) =>
  createLimits(loadConfig({ REDIS_URL: 'redis://127.0.0.1:1' }), { ...tools(), now }),
);
