import { loadConfig } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';
import { afterAll, beforeAll, describe } from 'vitest';
import { freshStore, givenServer, type FreshStore } from '../../support/fresh-store.js';
import { TestClock } from './fixtures.js';
import { persistenceContract } from './persistence.contract.js';

const name = givenServer() === null ? 'embedded PostgreSQL' : 'a PostgreSQL server';

describe(`persistence over ${name}`, () => {
  let store: FreshStore | undefined;
  let persistence: Persistence | undefined;
  const clock = new TestClock();

  beforeAll(async () => {
    store = await freshStore();
    persistence = await openPersistence(loadConfig({ LOG_LEVEL: 'silent', ...store.environment }), { clock });
  });
  afterAll(async () => {
    await persistence?.close();
    await store?.remove();
  });

  persistenceContract(name, async () => {
    const { dataSource } = persistence!;
    const tables = dataSource.entityMetadatas.map(({ tableName }) => tableName);
    await dataSource.query(`TRUNCATE ${tables.join(', ')}`);
    clock.reset();
    return { ...persistence!, clock };
  });
});
