import type { Expiring, Retention } from '@app/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCache } from '../../../test/fakes/fake-cache.js';
import { TestLog } from '../../../test/support/pipeline-world.js';
import { ForgetExpired } from './forget-expired.js';
import { InvalidateViews } from './invalidate-views.js';

const DAYS = { logDays: 1, diagnosisDays: 1, deliveryDays: 1, usageDays: 1 };
const KEYS = (['vector.search', 'vector.resolved', 'vector.recent', 'search', 'facets'] as const).map(
  (operation) => ({ operation, scope: 'all', id: 'x' }) as const,
);

let cache: FakeCache;
beforeEach(async () => {
  cache = new FakeCache();
  for (const key of KEYS) await cache.set(key, ['a deleted incident']);
});

/** Forgets with rows of these kinds to delete, an error once they are; answers what is still cached. */
async function cachedAfter(deleted: Partial<Record<Expiring, readonly (number | Error)[]>>) {
  const rows = new Map(Object.entries(deleted).map(([kind, batches]) => [kind, [...batches]]));
  const retention = {
    async forget(kind: Expiring) {
      const batch = rows.get(kind)?.shift() ?? 0;
      if (batch instanceof Error) throw batch;
      return batch;
    },
  } as unknown as Retention;
  const views = new InvalidateViews(cache, new TestLog());
  const outcome = await new ForgetExpired(retention, DAYS, views, new TestLog())
    .run()
    .catch((error: unknown) => error);
  await views.close();
  const held = await Promise.all(KEYS.map((key) => cache.has(key)));
  return { outcome, cached: KEYS.filter((_, index) => held[index]).map(({ operation }) => operation) };
}

describe('forgetting', () => {
  it('drops what the cache tells of incidents that were deleted', async () => {
    expect(await cachedAfter({ incidents: [200, 3] })).toMatchObject({
      outcome: { incidents: 203 },
      cached: [],
    });
  });

  it('drops it also when it breaks off after a batch', async () => {
    const { outcome, cached } = await cachedAfter({ incidents: [200, new Error('away')] });
    expect(outcome).toBeInstanceOf(Error);
    expect(cached).toEqual([]);
  });

  it('leaves the cache alone when only what nobody searches was deleted', async () => {
    const { cached } = await cachedAfter({ deliveries: [3], usage: [2] });
    expect(cached).toEqual(KEYS.map(({ operation }) => operation));
  });
});
