import { randomUUID } from 'node:crypto';
import { loadConfig } from '@app/config';
import { Metrics } from '@app/telemetry';
import { inject, vi } from 'vitest';
import { CountedCosts } from '../../libs/cache/src/limits/counted-costs.js';
import { CountedQuotas } from '../../libs/cache/src/limits/counted-quotas.js';
import { createLimits } from '../../libs/cache/src/limits/create-limits.js';
import { RedisCounters } from '../../libs/cache/src/limits/redis-counters.js';
import { RedisConnection } from '../../libs/cache/src/redis/redis-connection.js';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { silentLog } from '../fakes/recording-log.js';
import { countersContract } from './quota-counter.contract.js';

const tools = () => ({ log: silentLog(), metrics: new Metrics() });

countersContract(
  'in process',
  async (now, eventBus) => createLimits(loadConfig({}), { ...tools(), eventBus, now }),
  new FakeEventBus(),
);

// Without the counters that step in for Redis': an answer must be its own.
countersContract(
  'Redis',
  async (now, eventBus) => {
    const connection = new RedisConnection(
      loadConfig({ REDIS_URL: inject('redisUrl') }).redis!,
      5_000,
      silentLog(),
    );
    await vi.waitFor(() => connection.run(() => connection.client.ping()), { timeout: 10_000 });
    const counters = new RedisCounters(connection, `test-${randomUUID()}`, now);
    return {
      quotas: new CountedQuotas(counters, eventBus, now),
      costs: new CountedCosts(counters, now),
      close: () => connection.close(),
    };
  },
  new FakeEventBus(),
);

countersContract(
  'in process, because Redis is away',
  async (now, eventBus) =>
    createLimits(loadConfig({ REDIS_URL: 'redis://127.0.0.1:1' }), { ...tools(), eventBus, now }),
  new FakeEventBus(),
);
