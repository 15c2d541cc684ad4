import { randomBytes } from 'node:crypto';
import { loadConfig } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';
import { Client } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { freshDataDir } from '../../support/fresh-data-dir.js';
import { TestClock } from './fixtures.js';
import { persistenceContract } from './persistence.contract.js';

/** What `openPersistence` needs to reach an empty database, and how it is thrown away. */
interface Target {
  readonly environment: Record<string, string>;
  remove(): Promise<void>;
}

async function embedded(): Promise<Target> {
  const dir = await freshDataDir();
  return { environment: { DATA_DIR: dir.path }, remove: dir.remove };
}

/** A database of its own on the server, which must have pgvector. */
async function onServer(serverUrl: string): Promise<Target> {
  const name = `devflowfix_test_${randomBytes(6).toString('hex')}`;
  const run = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return {
    environment: { DATABASE_URL: url.href },
    remove: () => run(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

function contractOn(name: string, prepare: () => Promise<Target>): void {
  describe(`persistence over ${name}`, () => {
    let target: Target | undefined;
    let persistence: Persistence | undefined;
    const clock = new TestClock();

    beforeAll(async () => {
      target = await prepare();
      persistence = await openPersistence(loadConfig({ LOG_LEVEL: 'silent', ...target.environment }), {
        clock,
      });
    });
    afterAll(async () => {
      await persistence?.close();
      await target?.remove();
    });

    persistenceContract(name, async () => {
      const { dataSource } = persistence!;
      const tables = dataSource.entityMetadatas.map(({ tableName }) => tableName);
      await dataSource.query(`TRUNCATE ${tables.join(', ')}`);
      clock.reset();
      return { ...persistence!, clock };
    });
  });
}

contractOn('embedded PostgreSQL', embedded);
// A server with pgvector is none of a fresh machine's; whoever has one gives its URL.
const serverUrl = process.env['TEST_DATABASE_URL'];
if (serverUrl !== undefined && serverUrl !== '') contractOn('a PostgreSQL server', () => onServer(serverUrl));
