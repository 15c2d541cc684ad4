import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeCache } from '../../../test/fakes/fake-cache.js';
import { TestLog } from '../../../test/support/pipeline-world.js';
import { InvalidateViews } from './invalidate-views.js';

const keyOf = (id: string) => ({ operation: 'project', scope: 'p', id }) as const;

const repository = { host: 'github.com', owner: 'Acme', name: 'App' };

describe('InvalidateViews', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('drops overviews at once, then once a second at most, and never forgets the last change', async () => {
    const cache = new FakeCache();
    const drops = vi.spyOn(cache, 'deleteByPattern');
    let now = 0;
    const views = new InvalidateViews(cache, new TestLog(), () => now);
    views.incidentsChanged();
    expect(drops.mock.calls.map(([operation]) => operation)).toEqual([
      'facets',
      'search',
      'stats',
      'analytics',
    ]);
    for (let change = 0; change < 100; change++) views.incidentsChanged();
    expect(drops).toHaveBeenCalledTimes(4);
    now = 1_000;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(drops).toHaveBeenCalledTimes(8);
    views.incidentsChanged();
    await views.close();
    expect(drops).toHaveBeenCalledTimes(12);
  });

  it('drops what similar incidents teach, and of changed settings the project’s entries', async () => {
    const cache = new FakeCache();
    const vector = { operation: 'vector.search', scope: 'p', id: 'x' } as const;
    await Promise.all([cache.set(keyOf('x'), 1), cache.set(vector, 1)]);
    const views = new InvalidateViews(cache, new TestLog());
    views.incidentsChanged();
    await views.close();
    expect(await cache.getMany([keyOf('x'), vector])).toEqual([1, 1]);
    views.resolutionsChanged();
    views.projectChanged({ id: 'p', repository });
    await views.close();
    expect(await cache.getMany([keyOf('x'), vector])).toEqual([undefined, undefined]);
  });

  it('drops of changed settings what GitHub told of the repository, and of no other', async () => {
    const cache = new FakeCache();
    const keys = (['acme:app', 'acme:app-two', 'ghe.example:acme:app'] as const).map(
      (scope) => ({ operation: 'github.repo', scope, id: 'etag:x' }) as const,
    );
    for (const key of keys) await cache.set(key, 1);
    const views = new InvalidateViews(cache, new TestLog());
    views.projectChanged({ id: 'p', repository });
    await views.close();
    expect(await cache.getMany(keys)).toEqual([undefined, 1, 1]);
  });

  it('is none of the caller’s trouble when the cache is in trouble', async () => {
    const cache = new FakeCache();
    vi.spyOn(cache, 'deleteByPattern').mockRejectedValue(new Error('away'));
    const log = new TestLog();
    const views = new InvalidateViews(cache, log);
    views.resolutionsChanged();
    await views.close();
    expect(log.entries.map(({ event }) => event)).toContain('view_invalidation_failed');
  });
});
