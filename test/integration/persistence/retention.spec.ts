import { randomUUID } from 'node:crypto';
import { loadConfig } from '@app/config';
import { EXPIRING } from '@app/domain';
import { openPersistence, type Persistence } from '@app/persistence';
import { ForgetExpired, InvalidateViews } from '@app/pipeline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  archivedLog,
  diagnosis,
  openOne,
  sighting,
  TestClock,
} from '../../contracts/persistence/fixtures.js';
import { FakeCache } from '../../fakes/fake-cache.js';
import { silentLog } from '../../fakes/recording-log.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';
import { seedEveryTable } from '../../support/seed-every-table.js';

const DAY_MS = 86_400_000;
const DAYS = { logDays: 90, diagnosisDays: 730, deliveryDays: 30, usageDays: 400 };

/**
 * What stays until a person removes it, and why that is bounded. Whoever adds a table decides: it is forgotten, it goes
 * with something that is, or it stands here.
 */
const KEPT: Readonly<Record<string, string>> = {
  migrations: 'one row a version',
  agent_states: 'one row a role',
  projects: 'one row a repository, until it is erased',
  model_policies: 'one row a project',
  action_policies: 'one row a project',
  api_keys: 'made and revoked by administrators',
  documents: 'added and deleted by operators',
  passages: 'go with their documents',
  channels: 'conversations that are about no incident, until somebody closes them',
  channel_messages: 'go with their channels',
  github_apps: 'one row a host',
  github_app_setups: 'ended ones go when the next is begun',
  incident_counts: 'one row a kind of incident, folded',
  branch_counts: 'one row a branch that has incidents, folded',
  facet_counts: 'one row a value that a project’s incidents have',
};

describe('what is kept', () => {
  let place: FreshStore;
  let store: Persistence;
  const clock = new TestClock();
  beforeAll(async () => {
    place = await freshStore();
    store = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }), { clock });
  });
  afterAll(async () => {
    await store?.close();
    await place?.remove();
  });
  beforeEach(async () => {
    clock.reset();
    const tables = store.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    await store.dataSource.query(`TRUNCATE ${tables.join(', ')}`);
  });

  const forget = () =>
    new ForgetExpired(
      store.retention,
      DAYS,
      new InvalidateViews(new FakeCache(), silentLog()),
      silentLog(),
    ).run();
  const tables = async (): Promise<string[]> => {
    const rows = await store.dataSource.query<{ name: string }[]>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
    );
    return rows.map(({ name }) => name);
  };
  const filled = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const table of await tables()) {
      const rows = await store.dataSource.query<unknown[]>(`SELECT FROM ${table} LIMIT 1`);
      if (rows.length > 0) found.push(table);
    }
    return found.toSorted();
  };

  it('goes in the end from every table, but for what people keep', async () => {
    const long = new Date('2026-01-01T00:00:00Z');
    await seedEveryTable(
      store.dataSource,
      'marker',
      (known) => ({
        'deliveries.repository': JSON.stringify({ host: 'github.com', owner: 'acme', name: 'app' }),
        'budget_use.period': '2026-01-01',
        'action_use.day': '2026-01-01',
        'api_keys.hash': randomUUID(),
        'webhook_secrets.expires_at': long,
        'background_jobs.finished_at': long,
        'failed_jobs.subject': known.get('incidents'),
        'incidents.outcome_weight': 0,
      }),
      ['migrations', 'agent_states'],
    );
    const without = ['agent_states'];
    expect(await filled()).toEqual((await tables()).filter((table) => !without.includes(table)).toSorted());
    clock.advance(4_000 * DAY_MS);
    const first = await forget();
    expect(Object.entries(first).filter(([, count]) => count === 0)).toEqual([]);
    expect(Object.keys(first)).toEqual([...EXPIRING]);
    await store.backgroundJobs.removeEnded(clock.now());
    await forget();
    expect(await filled()).toEqual(
      Object.keys(KEPT)
        .filter((table) => !without.includes(table))
        .toSorted(),
    );
  });

  it('goes in batches, however much there is, with diagnoses that expired incidents share', async () => {
    const failedAt = clock.now();
    const ids = await openOne(store, { runId: 1, failedAt });
    await store.logs.save(archivedLog(ids.incidentId));
    const { id: patternId } = await store.patterns.recordSighting(sighting(ids, { seenAt: failedAt }));
    const made = diagnosis({ ...ids, patternId }, { id: randomUUID() });
    await store.diagnoses.save(made);
    await store.dataSource.query(
      `UPDATE incidents SET status = 'diagnosed', diagnosis_id = $2 WHERE id = $1`,
      [ids.incidentId, made.id],
    );
    await store.dataSource.query(
      `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
         opened_at, last_failed_at, updated_at, sequence, outbox_at, diagnosis_id, pattern_id)
       SELECT project_id, 'github', n, 'job', '{}', 'resolved', 1, 1, opened_at, last_failed_at, updated_at, 1,
         outbox_at, diagnosis_id, pattern_id
       FROM incidents CROSS JOIN generate_series(1000, 1499) n WHERE id = $1`,
      [ids.incidentId],
    );
    clock.advance(800 * DAY_MS);
    expect(await forget()).toMatchObject({ incidents: 501, patterns: 1 });
    const [left] = await store.dataSource.query<{ count: number }[]>(
      'SELECT (SELECT count(*) FROM diagnoses)::integer + (SELECT count(*) FROM incidents)::integer AS count',
    );
    expect(left!.count).toBe(0);
  });
});
