import { randomUUID } from 'node:crypto';
import { createCache, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import { CachedIncidentCatalog, CachedSimilaritySearch } from '@app/persistence';
import { Metrics } from '@app/telemetry';
import { afterEach, describe, inject } from 'vitest';
import { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { silentLog } from '../../fakes/recording-log.js';
import { sharedCache } from '../../support/shared-cache.js';
import { catalogContract } from './catalog.contract.js';
import { TestClock } from './fixtures.js';
import { similarIncidentsContract } from './similar-incidents.contract.js';

const READS = ['facets', 'search', 'stats', 'vector.search', 'vector.resolved', 'vector.recent'] as const;

/** Writes of the contracts' tests are followed by what the product does after them. */
function invalidating<T extends object>(port: T, invalidate: () => Promise<unknown>): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const result: unknown = await member.apply(target, args);
        await invalidate();
        return result;
      };
    },
  });
}

/** The cache changes nothing of what is found, for whom, and in which order. */
function contractBehind(name: string, open: () => Promise<CacheHandle>): void {
  describe(`searches and counts, ${name}`, () => {
    let handle: CacheHandle | undefined;

    afterEach(async () => {
      await handle?.cache.clear();
      await handle?.close();
    });

    const openEmpty = async () => {
      handle = await open();
      const { cache } = handle;
      const drop = () => Promise.all(READS.map((operation) => cache.deleteByPattern(operation, '*')));
      const clock = new TestClock();
      const store = Object.assign(new InMemoryPersistence(clock), { clock });
      const { similarity: inner } = store;
      const { similarity } = loadConfig({});
      const search = new CachedSimilaritySearch(inner, cache, similarity, silentLog(), new Metrics());
      return Object.assign(store, {
        catalog: new CachedIncidentCatalog(store.catalog, cache),
        incidents: invalidating(store.incidents, drop),
        patterns: invalidating(store.patterns, drop),
        similarity: Object.assign(search, {
          index: async (...args: Parameters<typeof inner.index>) => {
            await inner.index(...args);
            await drop();
          },
        }),
      });
    };
    catalogContract(name, openEmpty);
    similarIncidentsContract(name, openEmpty);
  });
}

contractBehind('behind the cache in memory', async () =>
  createCache(loadConfig({}), silentLog(), new Metrics()),
);
contractBehind('behind the cache in Redis', () => sharedCache(inject('redisUrl'), `test-${randomUUID()}`));
