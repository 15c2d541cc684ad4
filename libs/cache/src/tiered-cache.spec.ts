import { beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '@app/config';
import type { Cache, CacheKey, CacheSaving, CacheSavings, Log } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { createCache } from './create-cache.js';

const key: CacheKey = { operation: 'github.repo', scope: 'octo:app', id: 'info' };
const session: CacheKey = { operation: 'session', scope: 's', id: 'view' };
const lifetimes = {
  CACHE_TTL_GITHUB_REPO_SECONDS: '1',
  CACHE_GRACE_GITHUB_REPO_SECONDS: '5',
  CACHE_TTL_SESSION_SECONDS: '1',
};
const longText = (index: number): string => `${index}`.repeat(1_500);
const slow = async (): Promise<string> => {
  const until = performance.now() + 5;
  while (performance.now() < until);
  return 'v';
};
const away = async (): Promise<string> => Promise.reject(new Error('GitHub is away'));

describe('the cache in memory', () => {
  let nowMs: number;
  let logged: string[];
  let metrics: Metrics;
  let cache: Cache;
  let saved: [string, CacheSaving][];

  const savings: CacheSavings = {
    record: (namespace, saving) => void saved.push([namespace, saving]),
    ofDay: async () => ({}),
  };
  const note = (_fields: unknown, event: string): void => void logged.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const build = (variables: Record<string, string> = {}): void => {
    metrics = new Metrics();
    const config = loadConfig({ ...lifetimes, CACHE_PREFIX: 'test', ...variables });
    ({ cache } = createCache(config, log, metrics, { now: () => nowMs, savings }));
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

  it('answers a hit late in its lifetime at once, and renews it once in the background', async () => {
    await cache.set(key, 'old');
    nowMs += 799;
    const early = vi.fn<() => Promise<string>>(async () => 'early');
    await cache.getOrLoad(key, early);
    nowMs += 2;
    const gate = Promise.withResolvers<string>();
    const renew = vi.fn<() => Promise<string>>(() => gate.promise);
    const hits = await Promise.all([cache.getOrLoad(key, renew), cache.getOrLoad(key, renew)]);
    expect(hits).toEqual([
      { value: 'old', outcome: 'hit' },
      { value: 'old', outcome: 'hit' },
    ]);
    await vi.waitFor(() => expect(renew).toHaveBeenCalled(), { timeout: 10_000 });
    gate.resolve('new');
    await vi.waitFor(async () => expect(await cache.get(key)).toBe('new'), { timeout: 10_000 });
    expect([early.mock.calls.length, renew.mock.calls.length]).toEqual([0, 1]);
    nowMs += 999;
    expect(await cache.get(key)).toBe('new');
  });

  it('keeps serving when a renewal fails, and does not try again at once', async () => {
    await cache.set(key, 'old');
    nowMs += 900;
    const renew = vi.fn<() => Promise<string>>(away);
    await cache.getOrLoad(key, renew);
    await vi.waitFor(() => expect(logged).toContain('cache_renewal_failed'), { timeout: 10_000 });
    expect(await cache.getOrLoad(key, renew)).toEqual({ value: 'old', outcome: 'hit' });
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('never renews ahead what would only be paid for again', async () => {
    build({ CACHE_TTL_LLM_CLASSIFY_SECONDS: '1' });
    const answer: CacheKey = { operation: 'llm.classify', id: 'm:1' };
    await cache.set(answer, 'answer');
    nowMs += 990;
    const load = vi.fn<() => Promise<string>>(async () => 'again');
    expect(await cache.getOrLoad(answer, load)).toEqual({ value: 'answer', outcome: 'hit' });
    expect(load).not.toHaveBeenCalled();
  });

  it('refuses a value that is too large, says so, and drops the older one', async () => {
    build({ CACHE_MAX_VALUE_BYTES: '10000' });
    await cache.set(key, 'small');
    await cache.set(
      key,
      Array.from({ length: 20_000 }, (_, index) => Math.sin(index)),
    );
    expect(await cache.has(key)).toBe(false);
    expect(logged).toContain('cache_value_too_large');
    expect(await total('cache_values_refused_total')).toEqual([
      { value: 1, labels: { backend: 'memory', namespace: 'github:repo', reason: 'too_large' } },
    ]);
  });

  it('keeps no more entries than it may: the least recently used goes first', async () => {
    build({ CACHE_MAX_SIZE: '3' });
    const keys = ['a', 'b', 'c', 'd'].map((id): CacheKey => ({
      operation: 'github.repo',
      scope: 'octo:app',
      id,
    }));
    for (const each of keys.slice(0, 3)) await cache.set(each, each.id);
    await cache.get(keys[0]!);
    await cache.set(keys[3]!, 'd');
    expect(await cache.getMany(keys)).toEqual(['a', undefined, 'c', 'd']);
    expect(await total('cache_evictions_total')).toEqual([{ value: 1, labels: { backend: 'memory' } }]);
  });

  it('keeps no more bytes than it may', async () => {
    build({ CACHE_MAX_BYTES: '10000' });
    const keys = Array.from({ length: 10 }, (_, index): CacheKey => ({ ...key, id: `${index}` }));
    for (const [index, each] of keys.entries()) await cache.set(each, longText(index));
    const kept = (await cache.getMany(keys)).filter((each) => each !== undefined);
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(10);
    expect(await cache.get(keys[9]!)).toEqual(longText(9));
  });

  it('passes a policy by that is switched off', async () => {
    build({ CACHE_ENABLED_GITHUB_REPO: 'false' });
    await cache.set(key, 1);
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.getMany([key, session])).toEqual([undefined, undefined]);
    expect(await cache.getOrLoad(key, async () => 2)).toEqual({ value: 2, outcome: 'bypass' });
    expect(await cache.has(key)).toBe(false);
    await cache.set(session, 1);
    expect(await cache.get(session)).toBe(1);
  });

  it('counts hits and misses by namespace', async () => {
    await cache.get(key);
    await cache.set(key, 1);
    await cache.getMany([key, key]);
    await cache.delete(key);
    const labels = { backend: 'memory', namespace: 'github:repo' };
    expect(await total('cache_hits_total')).toEqual([{ value: 2, labels }]);
    expect(await total('cache_misses_total')).toEqual([{ value: 1, labels }]);
    await cache.get(key);
    expect(await total('cache_misses_total')).toEqual([{ value: 2, labels }]);
    expect(cache.stats()).toMatchObject({
      backend: 'memory',
      redisConnected: false,
      hits: 2,
      misses: 2,
      sets: 1,
      deletes: 1,
      namespaces: { 'github:repo': { hits: 2, misses: 2, sets: 1, deletes: 1 } },
    });
  });

  it('keeps a value only so long as its policy says, without Redis', async () => {
    await cache.set(key, 'v', { ttlMs: 60_000 });
    nowMs += 59_000;
    expect(await cache.get(key)).toBe('v');
  });
});
