import { randomUUID } from 'node:crypto';
import { createCache } from '@app/cache';
import { loadConfig } from '@app/config';
import type { CacheKey } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { describe, expect, inject, it, vi } from 'vitest';
import { createLimits, type LimitsHandle } from '../../libs/cache/src/limits/create-limits.js';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { silentLog } from '../fakes/recording-log.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { cacheSavingsContract } from './cache-savings.contract.js';

/** Far above what is measured: a busy test machine is not what is tested here. */
const PATIENT = { CACHE_OPERATION_DEADLINE_MS: '1000' };
const DAY = '2026-11-21';
const now = () => Date.parse(`${DAY}T12:00:00Z`);
const tools = () => ({ log: silentLog(), metrics: new Metrics(), eventBus: new FakeEventBus() });
const onRedis = (url: string, prefix: string): LimitsHandle =>
  createLimits(loadConfig({ ...PATIENT, REDIS_URL: url, CACHE_PREFIX: prefix }), { ...tools(), now });
const saves = (answer: { usd: number }) => ({ costUsd: answer.usd, latencyMs: 1_500 });
const hitsSeenBy = async ({ savings }: LimitsHandle) => (await savings.ofDay(DAY))['facets']?.hits;

cacheSavingsContract('in process', async (clock) => createLimits(loadConfig({}), { ...tools(), now: clock }));
cacheSavingsContract('Redis', async (clock) => {
  const redis = { REDIS_URL: inject('redisUrl'), CACHE_PREFIX: `test-${randomUUID()}` };
  return createLimits(loadConfig({ ...PATIENT, ...redis }), { ...tools(), now: clock });
});
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
    await vi.waitFor(async () => expect(await hitsSeenBy(a)).toBe(1), 15_000);
    await network.cut();
    for (let hit = 0; hit < 10; hit += 1) a.savings.record('facets', { calls: 1 });
    expect(await hitsSeenBy(a)).toBe(10);
    await network.mend();
    await vi.waitFor(async () => expect(await hitsSeenBy(a)).toBe(11), 15_000);
    expect(await hitsSeenBy(b)).toBe(11);
    await Promise.all([a.close(), b.close()]);
    await network.cut();
  });

  it('are handed over at an orderly end', async () => {
    const prefix = `test-${randomUUID()}`;
    const [a, b] = [onRedis(inject('redisUrl'), prefix), onRedis(inject('redisUrl'), prefix)];
    a.savings.record('facets', {});
    await vi.waitFor(async () => expect(await hitsSeenBy(b)).toBe(1), 15_000);
    b.savings.record('facets', {});
    await b.close();
    expect(await hitsSeenBy(a)).toBe(2);
    await a.close();
  });
});

describe('a cache that is given savings', () => {
  it('adds at every hit what loading the value cost, for Prometheus too', async () => {
    const metrics = new Metrics();
    const { savings } = createLimits(loadConfig({}), { ...tools(), metrics, now });
    const { cache, close } = createCache(loadConfig({}), silentLog(), metrics, { savings });
    const key: CacheKey = { operation: 'llm.classify', id: 'model:hash' };
    for (let call = 0; call < 3; call += 1)
      await cache.getOrLoad(key, async () => ({ usd: 0.25 }), { saves });
    expect(await savings.ofDay(DAY)).toEqual({
      'llm:classify': { hits: 2, costUsd: 0.5, latencyMs: 3_000, calls: 2 },
    });
    const figures = await metrics.registry.metrics();
    for (const line of [
      'usd_total{namespace="llm:classify"} 0.5',
      'seconds_total{namespace="llm:classify"} 3',
      'calls_total{namespace="llm:classify"} 2',
    ])
      expect(figures).toContain(`cache_saved_${line}`);
    await close();
  });
});
