import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { FakeEventBus } from '../../../../test/fakes/fake-event-bus.js';
import { silentLog } from '../../../../test/fakes/recording-log.js';
import { CacheInvalidations } from './cache-invalidations.js';
import { InvalidatingEventBus } from './invalidating-event-bus.js';

describe('invalidations', () => {
  let cache: FakeCache;
  let invalidations: CacheInvalidations;
  beforeEach(() => {
    vi.useFakeTimers();
    cache = new FakeCache();
    invalidations = new CacheInvalidations(cache, silentLog());
  });
  afterEach(() => vi.useRealTimers());

  const put = () => cache.set({ operation: 'stats', scope: 'all', id: 'global' }, 1);
  const held = () => cache.ids('stats').length;

  it('drops lists and figures of incidents at once, and nothing else', async () => {
    await put();
    await cache.set({ operation: 'facets', scope: 'all', id: 'all' }, 1);
    await cache.set({ operation: 'search', scope: 'all', id: 'x:p1' }, 1);
    await cache.set({ operation: 'vector.search', scope: 'all', id: 'x' }, 1);
    invalidations.incidentsChanged();
    await vi.advanceTimersByTimeAsync(0);
    expect([held(), cache.ids('facets').length, cache.ids('search').length]).toEqual([0, 0, 0]);
    expect(cache.ids('vector.search')).toHaveLength(1);
  });

  it('drops them once a second at most, and the last change is never forgotten', async () => {
    const drops = vi.spyOn(cache, 'deleteByPattern');
    for (let change = 0; change < 50; change += 1) invalidations.incidentsChanged();
    await vi.advanceTimersByTimeAsync(500);
    await put();
    invalidations.incidentsChanged();
    expect(held()).toBe(1);
    const once = drops.mock.calls.length;
    await vi.advanceTimersByTimeAsync(500);
    expect(held()).toBe(0);
    expect(drops.mock.calls.length).toBe(2 * once);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(drops.mock.calls.length).toBe(2 * once);
  });

  it('tells what still waits when it is closed', async () => {
    invalidations.incidentsChanged();
    await put();
    invalidations.incidentsChanged();
    await invalidations.close();
    expect(held()).toBe(0);
  });

  it.each(['events:incident_opened', 'events:ai_analysis_completed', 'events:remediation_updated'] as const)(
    'come with %s, even if the announcement is lost',
    async (channel) => {
      await put();
      const bus = new FakeEventBus();
      vi.spyOn(bus, 'publish').mockRejectedValue(new Error('lost'));
      const announced = new InvalidatingEventBus(bus, invalidations).publish(channel, { incidentId: 'i' });
      await expect(announced).rejects.toThrow('lost');
      await vi.advanceTimersByTimeAsync(0);
      expect(held()).toBe(0);
    },
  );

  it('do not come with announcements of something else', async () => {
    await put();
    await new InvalidatingEventBus(new FakeEventBus(), invalidations).publish('system:quota_warning', {});
    await vi.advanceTimersByTimeAsync(2_000);
    expect(held()).toBe(1);
  });
});
