import { randomUUID } from 'node:crypto';
import { loadConfig } from '@app/config';
import { Metrics } from '@app/telemetry';
import { describe, expect, inject, it, vi } from 'vitest';
import { createLimits, type LimitsHandle } from '../../libs/cache/src/limits/create-limits.js';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { silentLog } from '../fakes/recording-log.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { cacheSavingsContract } from './cache-savings.contract.js';

const DAY = '2026-11-21';
const now = () => Date.parse(`${DAY}T12:00:00Z`);
const tools = () => ({ log: silentLog(), metrics: new Metrics(), eventBus: new FakeEventBus() });
const onRedis = (url: string, prefix: string): LimitsHandle =>
  createLimits(loadConfig({ REDIS_URL: url, CACHE_PREFIX: prefix }), { ...tools(), now });
const hitsSeenBy = async ({ savings }: LimitsHandle) => (await savings.ofDay(DAY))['facets']?.hits;

cacheSavingsContract('in process', async (clock) => createLimits(loadConfig({}), { ...tools(), now: clock }));
cacheSavingsContract('Redis', async (clock) =>
  createLimits(loadConfig({ REDIS_URL: inject('redisUrl'), CACHE_PREFIX: `test-${randomUUID()}` }), {
    ...tools(),
    now: clock,
  }),
);
cacheSavingsContract('waiting for a Redis that is away', async (clock) =>
  createLimits(loadConfig({ REDIS_URL: 'redis://127.0.0.1:1' }), { ...tools(), now: clock }),
);

describe('savings on Redis', () => {
  it('are the sum of all processes’, of what was saved while Redis was away too, and nothing twice', async () => {
    const network = await TcpProxy.before(inject('redisUrl'));
    const prefix = `test-${randomUUID()}`;
    const a = onRedis(network.urlFor(inject('redisUrl')), prefix);
    const b = onRedis(inject('redisUrl'), prefix);
    b.savings.record('facets', { calls: 1 });
    await vi.waitFor(async () => expect(await hitsSeenBy(a)).toBe(1), 5_000);
    await network.cut();
    for (let hit = 0; hit < 10; hit += 1) a.savings.record('facets', { calls: 1 });
    expect(await hitsSeenBy(a)).toBe(10);
    await network.mend();
    await vi.waitFor(async () => expect(await hitsSeenBy(a)).toBe(11), 5_000);
    expect(await hitsSeenBy(b)).toBe(11);
    await Promise.all([a.close(), b.close()]);
    await network.cut();
  });

  it('are handed over at an orderly end', async () => {
    const prefix = `test-${randomUUID()}`;
    const [a, b] = [onRedis(inject('redisUrl'), prefix), onRedis(inject('redisUrl'), prefix)];
    a.savings.record('facets', {});
    await vi.waitFor(async () => expect(await hitsSeenBy(b)).toBe(1), 5_000);
    b.savings.record('facets', {});
    await b.close();
    expect(await hitsSeenBy(a)).toBe(2);
    await a.close();
  });
});
