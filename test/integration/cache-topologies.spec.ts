import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCache, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import type { Cache, CacheKey } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { RecordingLog } from '../fakes/recording-log.js';
import { startCluster, startSentinel, startTlsRedis, type Topology } from '../support/redis-topologies.js';

const WAIT = { timeout: 20_000, interval: 50 };
const key: CacheKey = { operation: 'facets', scope: 'all', id: 'all' };
const keys = Array.from({ length: 60 }, (_, index): CacheKey => ({
  operation: 'facets',
  scope: 'all',
  id: `k${index}{x}`,
}));

/** What one writes or drops, the other sees; a pattern reaches every node. */
async function expectShared(a: Cache, b: Cache): Promise<void> {
  const stored = keys.map((each, index) => ({ key: each, value: { index } }));
  await a.setMany(stored);
  expect(await b.getMany(keys)).toEqual(stored.map(({ value }) => value));
  const load = vi.fn<() => Promise<string>>(async () => 'loaded');
  await Promise.all([a.getOrLoad(key, load), b.getOrLoad(key, load)]);
  expect(load).toHaveBeenCalledTimes(1);
  await a.set(key, 'newer');
  await vi.waitFor(async () => expect(await b.get(key)).toBe('newer'), WAIT);
  await b.delete(key);
  await vi.waitFor(async () => expect(await a.has(key)).toBe(false), WAIT);
  expect(await a.deleteByPattern('facets', 'all:k*')).toBe(keys.length);
  await vi.waitFor(async () => expect(await b.getMany(keys)).toEqual(keys.map(() => undefined)), WAIT);
  await a.set(key, 1);
  expect(await b.clear()).toBe(1);
  await vi.waitFor(async () => expect(await a.get(key)).toBeUndefined(), WAIT);
}

describe('the cache on a Redis that is run', () => {
  let topology: Topology | null;
  let handles: CacheHandle[];
  let log: RecordingLog;

  const open = async (env: Record<string, string>): Promise<Cache> => {
    const config = loadConfig({ CACHE_OPERATION_DEADLINE_MS: '2000', ...env });
    const handle = createCache(config, log, new Metrics());
    handles.push(handle);
    await vi.waitFor(async () => expect(await handle.cache.ping()).toMatchObject({ ok: true }), WAIT);
    return handle.cache;
  };
  beforeEach(() => {
    topology = null;
    handles = [];
    log = new RecordingLog();
  });

  afterEach(async () => {
    await Promise.all(handles.map((handle) => handle.close()));
    await topology?.stop();
  });

  it('as a cluster: keys on every node, patterns too', async () => {
    topology = await startCluster();
    const env = { CACHE_REDIS_CLUSTER_NODES: topology.ports.map((port) => `127.0.0.1:${port}`).join(',') };
    const [a, b] = [await open(env), await open(env)];
    await expectShared(a, b);
    expect([a.stats().errors, b.stats().errors]).toEqual([0, 0]);
  });

  it('behind sentinels, and goes on with the master they choose when theirs dies', async () => {
    topology = await startSentinel();
    const [master, , sentinel] = topology.ports;
    const env = { CACHE_REDIS_SENTINELS: `127.0.0.1:${sentinel}` };
    const [a, b] = [await open(env), await open(env)];
    await expectShared(a, b);
    await topology.kill(master!);
    await vi.waitFor(
      async () => {
        await a.set(key, 'after');
        expect(await b.get(key)).toBe('after');
      },
      { timeout: 40_000, interval: 200 },
    );
    await a.set(key, 'newer');
    await vi.waitFor(async () => expect(await b.get(key)).toBe('newer'), WAIT);
  }, 60_000);

  it('with TLS, an own authority and a password', async () => {
    const secure = await startTlsRedis('s3cret/@:');
    topology = secure;
    const port = `${secure.ports[0]}`;
    const inParts = {
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT: port,
      REDIS_TLS_ENABLED: 'true',
      REDIS_TLS_CA_FILE: secure.caFile,
      REDIS_AUTH: 's3cret/@:',
    };
    const byUrl = {
      CACHE_REDIS_URL: `rediss://:${encodeURIComponent('s3cret/@:')}@localhost:${port}`,
      REDIS_TLS_CA_FILE: secure.caFile,
    };
    await expectShared(await open(inParts), await open(byUrl));
    const stranger = createCache(
      loadConfig({ CACHE_REDIS_URL: `rediss://:wrong@localhost:${port}` }),
      log,
      new Metrics(),
    );
    handles.push(stranger);
    await stranger.cache.set(key, 'in its own memory');
    await vi.waitFor(() => expect(log.of('redis_unreachable').length).toBeGreaterThan(0), WAIT);
    expect(await stranger.cache.ping()).toMatchObject({ ok: false });
  });
});
