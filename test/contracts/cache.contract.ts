import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidInput, type Cache, type CacheKey } from '@app/domain';

/** A cache without entries. */
export interface CacheUnderTest {
  readonly cache: Cache;
  close(): Promise<void>;
}

const repo = (id: string = randomUUID()): CacheKey => ({ operation: 'github.repo', scope: 'octo:app', id });
const facets = (id: string): CacheKey => ({ operation: 'facets', scope: 'all', id });
const failing = async (): Promise<string> => Promise.reject(new Error('GitHub is away'));
const chat = (): CacheKey => ({ operation: 'llm.chat', scope: 's', id: randomUUID() });

class Money {
  readonly cents = 1;
}

/** What every Cache does. */
export function cacheContract(
  name: string,
  create: () => Promise<CacheUnderTest>,
  /** Not exact: calls of the store fail, so that counts of what it did may be too low. */
  { exact }: { readonly exact: boolean } = { exact: true },
): void {
  const deleted = (answer: number, expected: number): void => {
    if (exact) expect(answer).toBe(expected);
    else expect(answer).toBeLessThanOrEqual(expected);
  };
  /** Of calls that may have failed, and of failed ones that were made after all, nobody knows it. */
  const total = (expected: number): unknown => (exact ? expected : expect.toSatisfy(() => true));
  describe(`Cache: ${name}`, () => {
    let sut: CacheUnderTest;
    let cache: Cache;

    beforeEach(async () => {
      sut = await create();
      cache = sut.cache;
    });

    afterEach(() => sut.close());

    it('keeps the values of one scope from every other, and refuses a key without one', async () => {
      await cache.set({ operation: 'facets', scope: 'a', id: 'x' }, 'of a');
      await cache.set({ operation: 'facets', scope: 'b', id: 'x' }, 'of b');
      expect(await cache.get({ operation: 'facets', scope: 'a', id: 'x' })).toBe('of a');
      expect(await cache.get({ operation: 'facets', scope: 'b', id: 'x' })).toBe('of b');
      for (const scope of [undefined, ''])
        await expect(cache.get({ operation: 'facets', scope, id: 'x' } as CacheKey)).rejects.toThrow(
          /whose its value is/,
        );
    });

    it('gives back what was set, and undefined for what was not', async () => {
      const key = repo();
      expect(await cache.get(key)).toBeUndefined();
      expect(await cache.has(key)).toBe(false);
      await cache.set(key, { stars: 3 });
      expect(await cache.get(key)).toEqual({ stars: 3 });
      expect(await cache.has(key)).toBe(true);
    });

    it.each([[null], [0], [''], [false], [[]], [Number.NaN]])(
      'takes %j for a value like any other',
      async (value) => {
        const key = repo();
        await cache.set(key, value);
        expect(await cache.get(key)).toEqual(value);
        expect(await cache.has(key)).toBe(true);
        const load = vi.fn<() => Promise<unknown>>(async () => 'loaded');
        expect(await cache.getOrLoad(key, load)).toEqual({ value, outcome: 'hit' });
        expect(load).not.toHaveBeenCalled();
      },
    );

    it('brings values back as they were', async () => {
      const value = {
        at: new Date('2026-11-20T10:00:00.123Z'),
        tokens: 12_345_678_901_234_567_890n,
        labels: new Set(['flaky', 'ci']),
        byCategory: new Map([['network', { count: 2, last: new Date(5) }]]),
        vector: Float32Array.from([0.25, -1.5]),
        gzip: Uint8Array.from([31, 139, 0]),
        gone: undefined,
        none: null,
        text: 'Ünïcödé ✓ \u0000',
      };
      const key = repo();
      await cache.set(key, value);
      expect(await cache.get(key)).toStrictEqual(value);
    });

    it('keeps long values', async () => {
      const key = repo();
      const lines = Array.from({ length: 20_000 }, (_, line) => `line ${line}: error TS2345`);
      await cache.set(key, lines);
      expect(await cache.get(key)).toEqual(lines);
    });

    it('does not cache undefined, functions or class instances', async () => {
      const key = repo();
      await cache.set(key, undefined);
      expect(await cache.has(key)).toBe(false);
      for (const value of [{ run: () => 1 }, [new Money()], new Map([[1, new URL('http://a')]])]) {
        await cache.set(key, value);
        expect(await cache.has(key)).toBe(false);
      }
    });

    it('drops the value under a key whose new value it refuses', async () => {
      const key = repo();
      await cache.set(key, 'old');
      await cache.set(key, () => 'new');
      expect(await cache.get(key)).toBeUndefined();
    });

    it('gives copies: changing one changes nothing else', async () => {
      const key = repo();
      const value = { tags: ['a'] };
      await cache.set(key, value);
      value.tags.push('b');
      const first = await cache.get<typeof value>(key);
      first!.tags.push('c');
      expect(await cache.get(key)).toEqual({ tags: ['a'] });
    });

    it('replaces a value, and its lifetime', async () => {
      const key = chat();
      await cache.set(key, 1, { ttlMs: 60 });
      await cache.set(key, 2);
      const shortLived = chat();
      await cache.set(shortLived, 1, { ttlMs: 60 });
      await vi.waitFor(async () => expect(await cache.has(shortLived)).toBe(false), {
        timeout: 10_000,
        interval: 10,
      });
      expect(await cache.get(key)).toBe(2);
    });

    it('forgets a value when its lifetime is over', async () => {
      const key = chat();
      await cache.set(key, 'short', { ttlMs: 40 });
      // A single read may miss for another reason: a Redis that answers too late.
      await vi.waitFor(
        async () => {
          expect(await cache.get(key)).toBeUndefined();
          expect(await cache.has(key)).toBe(false);
        },
        { timeout: 10_000, interval: 10 },
      );
    });

    it('keeps a value for as long as is said of values like it', async () => {
      const [empty, full, written] = [chat(), chat(), chat()];
      const options = { ttlMs: (value: number[]) => (value.length === 0 ? 40 : undefined) };
      await cache.getOrLoad<number[]>(empty, async () => [], options);
      await cache.getOrLoad<number[]>(full, async () => [1], options);
      await cache.set<number[]>(written, [], options);
      for (const key of [empty, written])
        await vi.waitFor(async () => expect(await cache.has(key)).toBe(false), { interval: 10 });
      expect(await cache.get(full)).toEqual([1]);
    });

    it('deletes, and tells whether there was anything', async () => {
      const key = repo();
      await cache.set(key, 1);
      expect(await cache.delete(key)).toBe(true);
      if (exact) expect(await cache.delete(key)).toBe(false);
      expect(await cache.get(key)).toBeUndefined();
    });

    it('keeps operations apart', async () => {
      await cache.set({ operation: 'github.pulls', scope: 'octo:app', id: 'same' }, 'pulls');
      await cache.set({ operation: 'github.baseline', scope: 'octo:app', id: 'same' }, 'baseline');
      expect(await cache.get({ operation: 'github.pulls', scope: 'octo:app', id: 'same' })).toBe('pulls');
    });

    it('reads and writes many, in order', async () => {
      const keys = Array.from({ length: 100 }, () => repo());
      const entries = keys.map((key, index) => ({ key, value: { index } }));
      await cache.setMany(entries.filter((_, index) => index % 3 !== 0));
      const values = await cache.getMany<{ index: number }>(keys);
      expect(values).toEqual(entries.map(({ value }, index) => (index % 3 === 0 ? undefined : value)));
      expect(await cache.getMany([])).toEqual([]);
      await expect(cache.setMany([])).resolves.toBeUndefined();
    });

    describe('counting', () => {
      it('counts from 0, up and down, and answers the total', async () => {
        const key = repo();
        expect(await cache.increment(key)).toEqual(total(1));
        expect(await cache.increment(key, 41)).toEqual(total(42));
        expect(await cache.decrement(key, 2)).toEqual(total(40));
        expect(await cache.increment(key, 0)).toEqual(total(40));
        expect(await cache.decrement(repo())).toEqual(total(-1));
      });

      it('answers the total like any other value, and deletes it like one', async () => {
        const key = repo();
        const answer = await cache.increment(key, 7);
        const read = await cache.get(key);
        if (answer !== null) expect([7, undefined]).toContain(read);
        if (exact) expect([answer, read, await cache.has(key)]).toEqual([7, 7, true]);
        await cache.increment(key);
        if (exact) expect(await cache.getMany([key, repo()])).toEqual([8, undefined]);
        deleted(Number(await cache.delete(key)), 1);
        expect(await cache.get(key)).toBeUndefined();
        expect(await cache.increment(key)).toEqual(total(1));
        deleted(await cache.deleteByPattern(key.operation, '*'), 1);
        expect(await cache.get(key)).toBeUndefined();
      });

      it('loses no addition of many at once, and answers no total twice', async () => {
        const key = repo();
        const totals = await Promise.all(Array.from({ length: 200 }, () => cache.increment(key)));
        const known = totals.filter((total) => total !== null);
        expect(new Set(known).size).toBe(known.length);
        if (exact) expect(known.toSorted((a, b) => a - b)).toEqual(totals.map((_, index) => index + 1));
      });

      it.each([
        [5, 6],
        [-3, -2],
        [1.5, 1],
        ['5', 1],
        [{ n: 5 }, 1],
        [Number.NaN, 1],
        [[1], 1],
      ])('set to %j, is %d one higher', async (value, expected) => {
        const key = repo();
        await cache.set<unknown>(key, value);
        expect(await cache.increment(key)).toEqual(total(expected));
        if (exact) expect(await cache.get(key)).toBe(expected);
      });

      it('keeps a number for its first lifetime, however often it is added to', async () => {
        const key = chat();
        expect(await cache.increment(key, 1, { ttlMs: 300 })).toEqual(total(1));
        const startedAt = performance.now();
        let highest = 0;
        await vi.waitFor(
          async () => {
            const total = await cache.increment(key, 1, { ttlMs: 60_000 });
            highest = Math.max(highest, total ?? 0);
            // It began anew, though it was added to all the time.
            if (exact) expect(total).toBe(1);
          },
          { timeout: 3_000, interval: 20 },
        );
        if (exact) expect(highest).toBeGreaterThan(1);
        if (exact) expect(performance.now() - startedAt).toBeGreaterThan(250);
      });

      it('stays within what a number can hold', async () => {
        const key = repo();
        const most = Number.MAX_SAFE_INTEGER;
        expect(await cache.increment(key, most)).toEqual(total(most));
        expect(await cache.increment(key)).toEqual(total(most));
        expect(await cache.decrement(key)).toEqual(total(most - 1));
        if (exact) expect(await cache.get(key)).toBe(most - 1);
      });

      it('refuses what is no whole number', async () => {
        for (const by of [0.5, Number.NaN, Infinity])
          await expect(cache.increment(repo(), by)).rejects.toThrow(InvalidInput);
      });

      it('does not store what was being loaded when it was added to', async () => {
        const key = repo();
        const gate = Promise.withResolvers<number>();
        const load = vi.fn<() => Promise<number>>(() => gate.promise);
        const loading = cache.getOrLoad(key, load);
        await vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 10_000 });
        const total = await cache.increment(key);
        gate.resolve(100);
        await loading;
        if (exact) expect([total, await cache.get(key)]).toEqual([1, 1]);
      });
    });

    it('loads what is missing, once, and says where a value came from', async () => {
      const key = repo();
      const load = vi.fn<() => Promise<{ n: number }>>(async () => ({ n: 1 }));
      expect(await cache.getOrLoad(key, load)).toEqual({ value: { n: 1 }, outcome: 'miss' });
      expect(await cache.getOrLoad(key, load)).toEqual({ value: { n: 1 }, outcome: 'hit' });
      expect(load).toHaveBeenCalledTimes(1);
    });

    it('runs one load for a thousand callers that miss at once', async () => {
      const key = repo();
      const gate = Promise.withResolvers<string>();
      const load = vi.fn<() => Promise<string>>(() => gate.promise);
      const callers = Array.from({ length: 1_000 }, () => cache.getOrLoad(key, load));
      await vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 10_000 });
      gate.resolve('v');
      const answers = await Promise.all(callers);
      expect(new Set(answers.map(({ value }) => value))).toEqual(new Set(['v']));
      expect(load).toHaveBeenCalledTimes(1);
    });

    it('gives callers who share a load a copy each', async () => {
      const key = repo();
      const loads = Array.from({ length: 3 }, () => cache.getOrLoad(key, async () => ({ tags: ['a'] })));
      const answers = await Promise.all(loads);
      for (const { value } of answers) value.tags.push('b');
      expect(answers.map(({ value }) => value.tags)).toEqual(answers.map(() => ['a', 'b']));
      expect(await cache.getOrLoad(key, failing)).toMatchObject({ value: { tags: ['a'] } });
    });

    it('writes through: saved first, then cached; a failed save is handed on and drops the key', async () => {
      const key = repo();
      const saved: unknown[] = [];
      await cache.writeThrough(key, { n: 1 }, async () => {
        expect(await cache.get(key)).toBeUndefined();
        saved.push(1);
      });
      expect(saved).toEqual([1]);
      expect(await cache.get(key)).toEqual({ n: 1 });
      await expect(cache.writeThrough(key, { n: 2 }, failing)).rejects.toThrow('GitHub is away');
      expect(await cache.get(key)).toBeUndefined();
    });

    it('writes behind: cached at once, saved later, the newest last', async () => {
      const key = repo();
      const saved: number[] = [];
      for (const n of [1, 2, 3]) {
        await cache.writeBehind(key, n, async () => void saved.push(n));
        expect(await cache.get(key)).toBe(n);
      }
      await vi.waitFor(() => expect(saved.at(-1)).toBe(3), { timeout: 10_000 });
      expect(saved).toEqual(saved.toSorted());
    });

    it('tries again to save what could not be saved behind', async () => {
      const key = repo();
      const save = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue();
      await cache.writeBehind(key, 1, save);
      await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(2), { timeout: 10_000 });
      expect(await cache.get(key)).toBe(1);
    });

    it('hands a failed load to its callers and stores nothing', async () => {
      const key = repo();
      await expect(cache.getOrLoad(key, failing)).rejects.toThrow('GitHub is away');
      expect(await cache.has(key)).toBe(false);
      expect(await cache.getOrLoad(key, async () => 'now')).toEqual({ value: 'now', outcome: 'miss' });
    });

    it('does not store what a load brings after its key was deleted', async () => {
      const key = repo();
      const gate = Promise.withResolvers<string>();
      const load = vi.fn<() => Promise<string>>(() => gate.promise);
      const loading = cache.getOrLoad(key, load);
      await vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 10_000 });
      await cache.delete(key);
      const later = cache.getOrLoad(key, async () => 'new');
      expect(await later).toEqual({ value: 'new', outcome: 'miss' });
      await cache.delete(key);
      gate.resolve('old');
      expect(await loading).toMatchObject({ value: 'old' });
      expect(await cache.has(key)).toBe(false);
    });

    it('passes undefined through without storing it', async () => {
      const key = repo();
      expect(await cache.getOrLoad(key, async () => undefined)).toEqual({
        value: undefined,
        outcome: 'miss',
      });
      expect(await cache.getOrLoad(key, async () => 1)).toEqual({ value: 1, outcome: 'miss' });
    });

    it('deletes by pattern within one operation, and counts', async () => {
      const ids = ['octo:app', 'octo:app:1', 'octo:app-two', 'octo[1]:app', 'other:app'];
      for (const id of ids) await cache.set(repo(id), id);
      await cache.set(facets('octo:app'), 'stays');
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:octo:app:*'), 1);
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:octo?1]:app'), 1);
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:octo:app*'), 2);
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:nothing*'), 0);
      expect(await cache.get(repo('other:app'))).toBe('other:app');
      expect(await cache.get(facets('octo:app'))).toBe('stays');
    });

    it('takes brackets and dots in a pattern for themselves', async () => {
      await cache.set(repo('a1.b'), 1);
      await cache.set(repo('a[1].b'), 2);
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:a[1].b'), 1);
      expect(await cache.get(repo('a1.b'))).toBe(1);
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:a1?b'), 1);
    });

    it('deletes thousands by pattern', async () => {
      const entries = Array.from({ length: 3_000 }, (_, index) => ({
        key: repo(`many:${index}`),
        value: index,
      }));
      for (let from = 0; from < entries.length; from += 500)
        await cache.setMany(entries.slice(from, from + 500));
      deleted(await cache.deleteByPattern('github.repo', 'octo:app:many:*'), 3_000);
      expect(await cache.has(repo('many:2999'))).toBe(false);
    });

    it('clears everything, and counts', async () => {
      const keys: CacheKey[] = [
        repo(),
        facets('all'),
        { operation: 'agents.list', id: 'x' },
        { operation: 'agents', id: 'y' },
      ];
      for (const key of keys) await cache.set(key, 1);
      deleted(await cache.clear(), 4);
      expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined));
    });

    it('counts hits, misses, sets and deletes', async () => {
      const key = repo();
      await cache.get(key);
      await cache.set(key, 1);
      await cache.get(key);
      await cache.getMany([key, repo()]);
      await cache.delete(key);
      expect(cache.stats()).toMatchObject({ hits: 2, misses: 2, sets: 1, deletes: 1 });
      if (exact) expect(cache.stats().errors).toBe(0);
    });

    it('tells the state of its tiers', async () => {
      const key = repo();
      await cache.set(key, 1);
      await cache.get(key);
      const { backend, memory, redis, hits, at } = await cache.figures();
      expect({ hits, at }).toEqual({ hits: 1, at: expect.any(Date) });
      expect(memory === null).toBe(backend === 'redis');
      if (memory !== null) expect(memory).toMatchObject({ entries: 1, defaultTtlMs: expect.any(Number) });
      if (exact) expect(redis === null).toBe(backend === 'memory');
      if (redis !== null) expect(Math.min(...Object.values(redis))).toBeGreaterThanOrEqual(0);
      if (redis !== null) expect(redis.usedMemoryBytes * redis.totalCommands).toBeGreaterThan(0);
    });

    it('answers a ping', async () => {
      expect(await cache.ping()).toMatchObject({ ok: true });
    });
  });
}
