import { beforeEach, describe, expect, it } from 'vitest';
import type { CacheKey, CacheSaving, CacheSavings, Log } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { CacheCounters } from './cache-counters.js';
import { CacheManagerCache } from './cache-manager-cache.js';
import { CacheNames } from './cache-names.js';
import { CACHE_POLICIES } from './cache-policies.js';
import { MemoryStore } from './stores/memory-store.js';

const policies = {
  ...CACHE_POLICIES,
  'github.repo': { ...CACHE_POLICIES['github.repo'], ttlMs: 1_000, graceMs: 5_000 },
  session: { ...CACHE_POLICIES.session, ttlMs: 1_000, graceMs: 0 },
};
const key: CacheKey = { operation: 'github.repo', id: 'octo:app' };
/** Numbers that don't deflate well. */
const random = (seed: number): number[] =>
  Array.from({ length: 100 }, (_, index) => Math.sin(seed * 1_000 + index));
const away = async (): Promise<string> => Promise.reject(new Error('GitHub is away'));
const slow = async (): Promise<string> => {
  const until = performance.now() + 5;
  while (performance.now() < until);
  return 'v';
};

describe('CacheManagerCache', () => {
  let nowMs: number;
  let logged: string[];
  let metrics: Metrics;
  let store: MemoryStore;
  let cache: CacheManagerCache;
  let saved: [string, CacheSaving][];

  const note = (_fields: unknown, event: string): void => void logged.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const now = (): number => nowMs;
  const build = (bounds: { maxEntries?: number; maxBytes?: number; maxValueBytes?: number } = {}): void => {
    const { maxEntries = 100, maxBytes = 1_000_000, maxValueBytes = 10_000 } = bounds;
    metrics = new Metrics();
    const counters = new CacheCounters(metrics, 'memory');
    store = new MemoryStore({ maxEntries, maxBytes }, counters, now);
    const names = new CacheNames('test', policies);
    const savings: CacheSavings = {
      record: (namespace, saving) => void saved.push([namespace, saving]),
      ofDay: async () => ({}),
    };
    cache = new CacheManagerCache({ store, names, policies, counters, log, maxValueBytes, now, savings });
  };
  const total = async (name: string): Promise<{ value: number; labels: object }[]> =>
    (await metrics.registry.getSingleMetric(name)!.get()).values.map(({ value, labels }) => ({
      value,
      labels,
    }));

  beforeEach(() => {
    nowMs = 1_764_000_000_000;
    logged = [];
    saved = [];
    build();
  });

  it('tells at every hit what it saved, as the writer said it', async () => {
    await cache.set(key, { usd: 0.25 }, { saves: ({ usd }) => ({ costUsd: usd, latencyMs: 900, calls: 2 }) });
    await cache.get(key);
    await cache.getMany([key, { ...key, id: 'other' }]);
    await cache.getOrLoad(key, away);
    expect(saved).toEqual(
      Array.from({ length: 3 }, () => ['github:repo', { costUsd: 0.25, latencyMs: 900, calls: 2 }]),
    );
  });

  it('measures what a load took, and takes the caller’s word over its own', async () => {
    await cache.getOrLoad(key, slow, { saves: { costUsd: 1 } });
    expect(saved).toEqual([]);
    await cache.get(key);
    expect(saved[0]![1]).toMatchObject({ costUsd: 1, calls: 1 });
    expect(saved[0]![1].latencyMs).toBeGreaterThanOrEqual(4.9);
    await cache.delete(key);
    await cache.getOrLoad(key, slow, { saves: { latencyMs: 7_000 } });
    await cache.get(key);
    expect(saved[1]![1]).toEqual({ costUsd: 0, latencyMs: 7_000, calls: 1 });
  });

  it('serves a value as it is until its lifetime ends', async () => {
    await cache.set(key, 'v');
    nowMs += 999;
    expect(await cache.get(key)).toBe('v');
    nowMs += 1;
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.has(key)).toBe(false);
  });

  it('serves an older value, marked stale, while the loader fails within the grace period', async () => {
    await cache.set(key, 'old');
    nowMs += 1_500;
    expect(await cache.getOrLoad(key, away)).toEqual({ value: 'old', outcome: 'stale' });
    expect(logged).toContain('cache_stale_served');
    expect(await cache.getOrLoad(key, async () => 'new')).toEqual({ value: 'new', outcome: 'miss' });
    expect(await cache.get(key)).toBe('new');
  });

  it('hands on the error when the grace period is over, or the entry has none', async () => {
    const session: CacheKey = { operation: 'session', id: 's:view' };
    await cache.set(key, 'old');
    await cache.set(session, 'old');
    nowMs += 1_001;
    await expect(cache.getOrLoad(session, away)).rejects.toThrow('GitHub is away');
    nowMs += 5_000;
    await expect(cache.getOrLoad(key, away)).rejects.toThrow('GitHub is away');
  });

  it('does not serve a stale value that was deleted while the loader ran', async () => {
    await cache.set(key, 'old');
    nowMs += 1_500;
    const loading = cache.getOrLoad(key, async () => {
      await cache.delete(key);
      return away();
    });
    await expect(loading).rejects.toThrow('GitHub is away');
  });

  it.each([
    ['a pattern', () => cache.deleteByPattern('github.repo', 'octo:*')],
    ['everything', () => cache.clear()],
  ])('stores nothing that was loaded before %s was deleted', async (_what, invalidate) => {
    await cache.getOrLoad(key, async () => {
      await invalidate();
      return 'old';
    });
    expect(await cache.has(key)).toBe(false);
  });

  it('refuses a value that is too large, says so, and drops the older one', async () => {
    await cache.set(key, 'small');
    const large = Array.from({ length: 20_000 }, (_, index) => Math.sin(index));
    await cache.set(key, large);
    expect(await cache.has(key)).toBe(false);
    expect(logged).toContain('cache_value_too_large');
    expect(await total('cache_values_refused_total')).toEqual([
      { value: 1, labels: { backend: 'memory', namespace: 'github:repo', reason: 'too_large' } },
    ]);
  });

  it('measures a value as it is stored: deflated', async () => {
    await cache.set(key, 'same words again and again '.repeat(4_000));
    expect(await cache.has(key)).toBe(true);
  });

  it('takes an entry that it can’t read for a miss, and deletes it', async () => {
    for (const bytes of [Buffer.from('{"value":1}'), Buffer.alloc(0)]) {
      await store.set('test:github:repo:octo:app', { value: bytes });
      expect(await cache.has(key)).toBe(false);
      expect(await cache.get(key)).toBeUndefined();
      expect(await store.get('test:github:repo:octo:app')).toBeUndefined();
    }
    expect(cache.stats()).toMatchObject({ errors: 2, hits: 0, misses: 2 });
  });

  it('keeps no more entries than it may: the least recently used goes first', async () => {
    build({ maxEntries: 3 });
    const keys = ['a', 'b', 'c', 'd'].map((id): CacheKey => ({ operation: 'github.repo', id }));
    for (const each of keys.slice(0, 3)) await cache.set(each, each.id);
    await cache.get(keys[0]!);
    await cache.set(keys[3]!, 'd');
    expect(await cache.getMany(keys)).toEqual(['a', undefined, 'c', 'd']);
    expect(await total('cache_evictions_total')).toEqual([{ value: 1, labels: { backend: 'memory' } }]);
  });

  it('keeps no more bytes than it may', async () => {
    build({ maxBytes: 10_000 });
    const keys = Array.from({ length: 10 }, (_, index): CacheKey => ({
      operation: 'github.repo',
      id: `${index}`,
    }));
    for (const [index, each] of keys.entries()) await cache.set(each, random(index));
    const kept = (await cache.getMany(keys)).filter((value) => value !== undefined);
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(10);
    expect(await cache.get(keys[9]!)).toEqual(random(9));
  });

  it('counts hits and misses by namespace', async () => {
    await cache.get(key);
    await cache.set(key, 1);
    await cache.getMany([key, key]);
    const labels = { backend: 'memory', namespace: 'github:repo' };
    expect(await total('cache_hits_total')).toEqual([{ value: 2, labels }]);
    expect(await total('cache_misses_total')).toEqual([{ value: 1, labels }]);
    expect(cache.stats()).toMatchObject({
      backend: 'memory',
      redisConnected: false,
      hits: 2,
      misses: 1,
      sets: 1,
    });
  });
});
