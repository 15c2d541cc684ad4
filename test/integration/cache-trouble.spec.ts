import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { createCache, createCoordination, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import type { Cache, CacheKey } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { RecordingLog } from '../fakes/recording-log.js';
import { startRedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const DEADLINE_MS = 50;
/** What a busy test machine may add before it notices that a deadline is over. */
const SLACK_MS = 450;
/** Where Redis is well, and how soon it answers on a busy machine is not what is looked at. */
const PATIENT_MS = 5_000;
const WAIT = { timeout: 10_000, interval: 20 };
const key: CacheKey = { operation: 'github.repo', scope: 'octo:app', id: 'info' };

const connected = (cache: Cache): Promise<void> =>
  vi.waitFor(async () => expect(await cache.ping()).toMatchObject({ ok: true }), WAIT);
/** About 100 KB that deflate can't make small. */
const incompressible = (): string[] => Array.from({ length: 3_000 }, () => randomUUID());

/** Every operation once: none throws, and none takes longer than it may. */
async function useAll(cache: Cache): Promise<void> {
  const calls: (() => Promise<unknown>)[] = [
    async () => expect(await cache.get(key)).toBeUndefined(),
    () => cache.set(key, 1),
    async () => expect(await cache.has(key)).toBe(false),
    async () => expect(await cache.delete(key)).toBe(false),
    async () => expect(await cache.getMany([key, key])).toEqual([undefined, undefined]),
    () => cache.setMany([key, { ...key, id: 'b' }].map((each) => ({ key: each, value: 1 }))),
    async () => expect(await cache.deleteByPattern('github.repo', '*')).toBe(0),
    async () => expect(await cache.ping()).toMatchObject({ ok: false }),
  ];
  for (const call of calls) {
    const startedAt = performance.now();
    await call();
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + SLACK_MS);
  }
  const startedAt = performance.now();
  expect(await cache.getOrLoad(key, async () => 'loaded')).toEqual({ value: 'loaded', outcome: 'miss' });
  // A read and a write.
  expect(performance.now() - startedAt).toBeLessThan(2 * DEADLINE_MS + SLACK_MS);
}

describe('the cache on a Redis in trouble', () => {
  let network: TcpProxy;
  let log: RecordingLog;
  let metrics: Metrics;
  let handles: { close(): Promise<void> }[];
  let url: string;
  let prefix: string;

  const open = (redisUrl = url, deadlineMs = DEADLINE_MS): Cache => {
    const env = {
      CACHE_REDIS_URL: redisUrl,
      // What memory before Redis would hide is what is looked at here.
      CACHE_BACKEND: 'redis',
      CACHE_PREFIX: prefix,
      CACHE_OPERATION_DEADLINE_MS: `${deadlineMs}`,
    };
    const handle: CacheHandle = createCache(loadConfig(env), log, metrics);
    handles.push(handle);
    return handle.cache;
  };
  const warnings = (): string[] =>
    log.entries.filter(({ level }) => level === 'warn').map(({ event }) => event);
  beforeEach(async () => {
    network = await TcpProxy.before(inject('redisUrl'));
    url = network.urlFor(inject('redisUrl'));
    prefix = `test-${randomUUID()}`;
    log = new RecordingLog();
    metrics = new Metrics();
    handles = [];
  });

  afterEach(async () => {
    await network.mend();
    await Promise.all(handles.map((handle) => handle.close()));
    await network.cut();
  });

  it('misses while Redis is absent, says so once, and hits by itself when it comes', async () => {
    await network.cut();
    const cache = open();
    await useAll(cache);
    await vi.waitFor(() => expect(warnings()).toEqual(['redis_unreachable']), WAIT);
    await useAll(cache);
    expect(warnings()).toEqual(['redis_unreachable']);
    expect(cache.stats()).toMatchObject({ redisConnected: false, hits: 0 });
    expect(cache.stats().errors).toBeGreaterThan(10);

    await network.mend();
    await connected(cache);
    // a write that takes longer than the operation's time limit is dropped: the next one stands
    await vi.waitFor(async () => {
      await cache.set(key, 'back');
      expect(await cache.get(key)).toBe('back');
    }, WAIT);
    expect(warnings()).toEqual(['redis_unreachable', 'redis_reachable_again']);
    expect(cache.stats()).toMatchObject({ redisConnected: true, hits: 1 });
  });

  it('goes on when Redis dies, and hits again within 2 s of its return', async () => {
    const cache = open();
    await connected(cache);
    const untouched: CacheKey = { operation: 'facets', scope: 'all', id: 'all' };
    await cache.set(untouched, 'kept');
    await network.cut();
    await useAll(cache);
    expect(warnings()).toEqual(['redis_unreachable']);
    await network.mend();
    const backAt = performance.now();
    await vi.waitFor(async () => expect(await cache.get(untouched)).toBe('kept'), WAIT);
    expect(performance.now() - backAt).toBeLessThan(2_000);
    expect(warnings()).toEqual(['redis_unreachable', 'redis_reachable_again']);
  });

  it('waits no longer than its deadline for a Redis that does not answer, and soon asks no more', async () => {
    const cache = open();
    await connected(cache);
    network.hang();
    await useAll(cache);
    expect(warnings()).toEqual(['redis_unreachable']);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 1_000 }, () => cache.get(key)));
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + SLACK_MS);
    await network.mend();
    await connected(cache);
    // What was invalidated meanwhile is made good before it is read again.
    await vi.waitFor(async () => {
      await cache.set(key, 'v');
      expect(await cache.get(key)).toBe('v');
    }, WAIT);
    expect(warnings()).toEqual(['redis_unreachable', 'redis_reachable_again']);
  });

  it('finds a new connection when the old one is dead without saying so', async () => {
    const cache = open();
    await connected(cache);
    network.vanish();
    await vi.waitFor(
      async () => {
        await cache.set(key, 'v');
        expect(await cache.get(key)).toBe('v');
      },
      { timeout: 15_000, interval: 50 },
    );
  });

  it('reads on from a Redis that is full, and says once that it takes nothing', async () => {
    const redis = await startRedisServer(['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction']);
    const cache = open(redis.url, PATIENT_MS);
    await connected(cache);
    await cache.set(key, 'small');
    for (let n = 0; warnings().length === 0 && n < 100; n += 1)
      await cache.set({ operation: 'github.repo', scope: 'octo:app', id: `${n}` }, incompressible());
    for (let n = 0; n < 10; n += 1)
      await cache.set({ operation: 'github.repo', scope: 'octo:app', id: `more:${n}` }, incompressible());
    expect(warnings()).toEqual(['redis_refused']);
    expect(log.of('redis_refused')[0]).toMatchObject({ error: expect.stringContaining('OOM') as string });
    expect(await cache.get(key)).toBe('small');
    await Promise.all(handles.map((handle) => handle.close()));
    await redis.stop();
  });

  it('is shared: what one process writes or deletes, another sees at once', async () => {
    const [a, b] = [open(url, PATIENT_MS), open(url, PATIENT_MS)];
    await connected(a);
    await connected(b);
    await a.set(key, 1);
    expect(await b.get(key)).toBe(1);
    await b.set(key, 2);
    expect(await a.get(key)).toBe(2);
    await a.delete(key);
    expect(await b.has(key)).toBe(false);
  });

  it('clears its own entries, and neither locks nor what belongs to others', async () => {
    const cache = open(url, PATIENT_MS);
    await connected(cache);
    const stranger = createCache(
      loadConfig({
        CACHE_REDIS_URL: url,
        CACHE_PREFIX: `${prefix}-other`,
        CACHE_OPERATION_DEADLINE_MS: `${PATIENT_MS}`,
      }),
      log,
      metrics,
    );
    const coordination = createCoordination(loadConfig({ REDIS_URL: url, CACHE_PREFIX: prefix }), log);
    handles.push(stranger, coordination);
    await connected(stranger.cache);
    await vi.waitFor(() => coordination.lock.tryAcquire('sweep', 60_000), WAIT);
    await stranger.cache.set(key, 'theirs');
    await cache.setMany([
      { key, value: 1 },
      { key: { operation: 'stats', scope: 'all', id: 'global' }, value: 2 },
    ]);
    expect(await cache.clear()).toBe(2);
    expect(await stranger.cache.get(key)).toBe('theirs');
    expect(await coordination.lock.tryAcquire('sweep', 60_000)).toBeNull();
    await stranger.cache.clear();
  });

  it('keeps a closed cache from doing harm: it misses, and stays closed', async () => {
    const handle = createCache(loadConfig({ CACHE_REDIS_URL: url, CACHE_PREFIX: prefix }), log, metrics);
    await connected(handle.cache);
    await handle.close();
    expect(await handle.cache.get(key)).toBeUndefined();
    await handle.cache.set(key, 1);
    expect(handle.cache.stats().redisConnected).toBe(false);
    await expect(handle.close()).resolves.toBeUndefined();
    expect(warnings()).toEqual([]);
  });

  it('fails a lock nobody can vouch for, loses announcements, and does both again after the outage', async () => {
    const { lock, eventBus, close } = createCoordination(
      loadConfig({ REDIS_URL: url, CACHE_PREFIX: prefix }),
      log,
    );
    handles.push({ close });
    await network.cut();
    const heard: unknown[] = [];
    await eventBus.subscribe('events:incident_opened', (payload) => void heard.push(payload));
    await expect(lock.tryAcquire('sweep', 1_000)).rejects.toMatchObject({
      code: 'lock_away',
      retryable: true,
    });
    await expect(eventBus.publish('events:incident_opened', { n: 0 })).resolves.toBeUndefined();

    await network.mend();
    const held = await vi.waitFor(() => lock.tryAcquire('sweep', 60_000), WAIT);
    await vi.waitFor(async () => {
      await eventBus.publish('events:incident_opened', { n: 1 });
      expect(heard).toContainEqual({ n: 1 });
    }, WAIT);
    expect(heard).not.toContainEqual({ n: 0 });

    await network.cut();
    await vi.waitFor(async () => expect(await held!.renew(60_000)).toBe(false), WAIT);
    await expect(held!.release()).resolves.toBeUndefined();
    await network.mend();
    await vi.waitFor(async () => {
      await eventBus.publish('events:incident_opened', { n: 2 });
      expect(heard).toContainEqual({ n: 2 });
    }, WAIT);
    await vi.waitFor(async () => expect(await held!.renew(1)).toBe(true), WAIT);
  });
});
