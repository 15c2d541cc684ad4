import { loadConfig } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

/** What the migrations have and entities can't say. */
const BEYOND_ENTITIES = [
  /"(?:incidents|passages)" DROP COLUMN "search"/,
  /DROP INDEX "public"."(?:incidents|passages)_search_idx"/,
  /^DELETE FROM "typeorm_metadata"/,
  /"diagnoses" DROP CONSTRAINT "diagnoses_(?:project|pattern|incident)_fkey"/,
];

describe('the schema', () => {
  let place: FreshStore;
  let persistence: Persistence;
  beforeAll(async () => {
    place = await freshStore();
    persistence = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }));
  });
  afterAll(async () => {
    await persistence.close();
    await place.remove();
  });

  it('of the migrations is the one of the entities', async () => {
    // Where TypeORM would note generated columns had it made them.
    await persistence.dataSource.query(
      `CREATE TABLE typeorm_metadata (type text, database text, schema text, "table" text, name text, value text)`,
    );
    const { upQueries } = await persistence.dataSource.driver.createSchemaBuilder().log();
    const differences = upQueries
      .map(({ query }) => query)
      .filter((query) => !BEYOND_ENTITIES.some((known) => known.test(query)));
    await persistence.dataSource.query('DROP TABLE typeorm_metadata');
    expect(differences).toEqual([]);
  });

  it('serves lists, the outbox and searches from indexes', async () => {
    await persistence.dataSource.query(
      `INSERT INTO projects (id, host, owner, name, created_at)
         SELECT gen_random_uuid(), 'h', 'o', n::text, now() FROM generate_series(1, 50) n`,
    );
    await persistence.dataSource.query(
      `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
         opened_at, last_failed_at, updated_at, sequence, outbox_at, branch)
       SELECT (SELECT id FROM projects WHERE name = (1 + n % 50)::text), 'github', n, 'job ' || n, '{}',
         CASE WHEN n % 500 = 0 THEN 'received' ELSE 'diagnosed' END, 1, 1, now() - n * interval '1 minute', now(), now(),
         1, now(), 'branch ' || n % 90
       FROM generate_series(1, 10000) n`,
    );
    await persistence.dataSource.query('VACUUM (ANALYZE) incidents');
    const planOf = async (where: string, order = 'ORDER BY opened_at DESC, id DESC LIMIT 50') => {
      const rows: Record<string, string>[] = await persistence.dataSource.query(
        `EXPLAIN SELECT * FROM incidents WHERE ${where} ${order}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    expect(await planOf('true')).toContain('incidents_opened_idx');
    expect(await planOf(`(opened_at, id) < (now(), '00000000-0000-4000-8000-000000000000')`)).toContain(
      'incidents_opened_idx',
    );
    expect(await planOf(`project_id = '00000000-0000-4000-8000-000000000000'`)).toContain(
      'incidents_project_opened_idx',
    );
    expect(await planOf(`fingerprint = 'f'`)).toContain('incidents_fingerprint_opened_idx');
    expect(await planOf(`branch = 'branch 7'`)).toContain('incidents_branch_opened_idx');
    expect(await planOf(`search @@ to_tsquery('simple', '4711:*')`, 'LIMIT 50')).toContain(
      'incidents_search_idx',
    );
    expect(
      await planOf(
        `status IN ('received', 'diagnosing') AND (status = 'received' OR claim_until <= now()) AND outbox_at <= now()`,
        'ORDER BY outbox_at, id LIMIT 200',
      ),
    ).toContain('incidents_outbox_idx');
  });

  it('is left again by undoing every migration', async () => {
    const { dataSource } = persistence;
    for (const _ of dataSource.migrations) await dataSource.undoLastMigration();
    const tables: { tablename: string }[] = await dataSource.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.map(({ tablename }) => tablename)).toEqual(['migrations']);
    const functions: unknown[] = await dataSource.query(
      `SELECT proname FROM pg_proc JOIN pg_language l ON l.oid = prolang AND lanname = 'plpgsql'`,
    );
    expect(functions).toEqual([]);
  });
});
