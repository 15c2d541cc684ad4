import { randomUUID } from 'node:crypto';
import { createCache, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import { CachedDiagnosisRepository, CachedPatternRepository, StoredDiagnosisCopies } from '@app/persistence';
import { Metrics } from '@app/telemetry';
import { afterEach, describe, inject } from 'vitest';
import { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { silentLog } from '../../fakes/recording-log.js';
import { sharedCache } from '../../support/shared-cache.js';
import { diagnosisContract } from './diagnosis.contract.js';
import { TestClock } from './fixtures.js';

/** Hot copies change nothing of what the stores answer. */
function contractBehind(name: string, open: () => Promise<CacheHandle>): void {
  describe(`the stores, ${name}`, () => {
    let handle: CacheHandle | undefined;

    afterEach(async () => {
      await handle?.cache.clear();
      await handle?.close();
    });

    diagnosisContract(name, async () => {
      handle = await open();
      const clock = new TestClock();
      const copies = new StoredDiagnosisCopies(handle.cache);
      const store = Object.assign(new InMemoryPersistence(clock), { clock });
      return Object.assign(store, {
        patterns: new CachedPatternRepository(store.patterns, copies, silentLog()),
        diagnoses: new CachedDiagnosisRepository(store.diagnoses, copies),
      });
    });
  });
}

contractBehind('behind hot copies in memory', async () =>
  createCache(loadConfig({}), silentLog(), new Metrics()),
);
contractBehind('behind hot copies in Redis', () => sharedCache(inject('redisUrl'), `test-${randomUUID()}`));
