import { loadConfig } from '@app/config';
import { EXPIRING, type Expiring } from '@app/domain';
import { openPersistence, type Persistence } from '@app/persistence';
import { ForgetExpired } from '@app/pipeline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  archivedLog,
  delivery,
  diagnosis,
  openOne,
  sighting,
  TestClock,
  usageEntry,
} from '../../contracts/persistence/fixtures.js';
import { silentLog } from '../../fakes/recording-log.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const DAY_MS = 86_400_000;
const DAYS = { logDays: 90, diagnosisDays: 730, deliveryDays: 30, usageDays: 400 };
const NOTHING = Object.fromEntries(EXPIRING.map((kind) => [kind, 0])) as Record<Expiring, number>;

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

  const forget = () => new ForgetExpired(store.retention, DAYS, silentLog()).run();
  let runId = 1;
  /** An incident that failed now, with log and pattern, in the given status. */
  async function incident(
    status: string,
    fingerprint = 'f1',
  ): Promise<{ incidentId: string; projectId: string }> {
    const failedAt = clock.now();
    const ids = await openOne(store, { runId: runId++, failedAt });
    await store.logs.save(archivedLog(ids.incidentId));
    await store.patterns.recordSighting(sighting(ids, { fingerprint, seenAt: failedAt }));
    await store.dataSource.query(
      `UPDATE incidents SET status = $2, claim_token = CASE WHEN $2 = 'diagnosing' THEN id END,
         claim_until = CASE WHEN $2 = 'diagnosing' THEN now() END WHERE id = $1`,
      [ids.incidentId, status],
    );
    return ids;
  }
  async function diagnosed(fingerprint: string): Promise<{ incidentId: string; patternId: string }> {
    const ids = await incident('diagnosed', fingerprint);
    const { id: patternId } = (await store.patterns.find(ids.projectId, fingerprint))!;
    const made = diagnosis({ ...ids, patternId }, { id: crypto.randomUUID() });
    await store.diagnoses.save(made);
    await store.dataSource.query('UPDATE incidents SET diagnosis_id = $2 WHERE id = $1', [
      ids.incidentId,
      made.id,
    ]);
    return { ...ids, patternId };
  }

  it('stays until its time has come, and then goes, kind by kind', async () => {
    const { incidentId } = await incident('diagnosed');
    await store.deliveries.record(
      delivery('d1', { kind: 'ignored', reason: 'x' }, { receivedAt: clock.now() }),
    );
    await store.usage.record(usageEntry({ at: clock.now() }));
    clock.advance(30 * DAY_MS);
    expect(await forget()).toEqual(NOTHING);
    clock.advance(1);
    expect(await forget()).toEqual({ ...NOTHING, deliveries: 1 });
    clock.advance(60 * DAY_MS);
    expect(await forget()).toEqual({ ...NOTHING, logs: 1 });
    expect(await store.logs.find(incidentId, 1)).toBeNull();
    expect(await store.incidents.find(incidentId)).not.toBeNull();
    clock.advance(310 * DAY_MS);
    expect(await forget()).toEqual({ ...NOTHING, usage: 1 });
    clock.advance(330 * DAY_MS);
    expect(await forget()).toEqual({ ...NOTHING, incidents: 1, patterns: 1 });
    expect(await store.incidents.find(incidentId)).toBeNull();
  });

  it('is kept as long as its project says', async () => {
    const { projectId } = await incident('diagnosed');
    await store.retention.setForProject(projectId, { logDays: 10, diagnosisDays: null });
    clock.advance(11 * DAY_MS);
    expect(await forget()).toEqual({ ...NOTHING, logs: 1 });
    await incident('diagnosed');
    await store.retention.setForProject(projectId, { logDays: 1_000, diagnosisDays: 2_000 });
    clock.advance(999 * DAY_MS);
    expect(await forget()).toEqual(NOTHING);
    expect(await store.retention.ofProject(projectId)).toEqual({ logDays: 1_000, diagnosisDays: 2_000 });
  });

  it.each([
    [{ logDays: 0, diagnosisDays: null }, 'invalid_input'],
    [{ logDays: 1.5, diagnosisDays: null }, 'invalid_input'],
    [{ logDays: null, diagnosisDays: 4_000 }, 'invalid_input'],
    [{ logDays: 20, diagnosisDays: 10 }, 'invalid_input'],
  ])('refuses a project’s %j', async (retention, code) => {
    const { projectId } = await incident('diagnosed');
    await expect(store.retention.setForProject(projectId, retention)).rejects.toMatchObject({ code });
  });

  it('stays while it waits or is under way', async () => {
    for (const status of ['received', 'diagnosing', 'awaiting_approval', 'remediating', 'verifying'])
      await incident(status);
    clock.advance(4_000 * DAY_MS);
    // Of the log of one that is diagnosed already nothing is needed any more.
    expect(await forget()).toEqual({ ...NOTHING, logs: 3 });
  });

  it('keeps a diagnosis that a living pattern uses, however old', async () => {
    const old = await diagnosed('f1');
    const other = await diagnosed('f2');
    clock.advance(729 * DAY_MS);
    await incident('diagnosed', 'f1');
    clock.advance(2 * DAY_MS);
    expect(await forget()).toMatchObject({ incidents: 1, patterns: 1 });
    expect(await store.incidents.find(old.incidentId)).not.toBeNull();
    expect(await store.incidents.find(other.incidentId)).toBeNull();
    const ref = { id: old.patternId, projectId: '', fingerprint: 'f1' };
    expect(await store.patterns.findDiagnosis(ref, 'rules:1')).not.toBeNull();
  });

  it('goes in batches, however much there is, with diagnoses that expired incidents share', async () => {
    const { incidentId } = await diagnosed('f1');
    await store.dataSource.query(
      `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
         opened_at, last_failed_at, updated_at, sequence, outbox_at, diagnosis_id, pattern_id)
       SELECT project_id, 'github', n, 'job', '{}', 'resolved', 1, 1, opened_at, last_failed_at, updated_at, 1,
         outbox_at, diagnosis_id, pattern_id
       FROM incidents CROSS JOIN generate_series(1000, 1499) n WHERE id = $1`,
      [incidentId],
    );
    clock.advance(800 * DAY_MS);
    expect(await forget()).toMatchObject({ incidents: 501, patterns: 1 });
    const [left] = await store.dataSource.query<{ count: number }[]>(
      'SELECT (SELECT count(*) FROM diagnoses)::integer + (SELECT count(*) FROM incidents)::integer AS count',
    );
    expect(left!.count).toBe(0);
  });

  it('of what a person taught stays with the pattern when the incident goes', async () => {
    const old = await diagnosed('f1');
    const project = (await store.incidents.get(old.incidentId)).projectId;
    await store.feedback.record({
      id: crypto.randomUUID(),
      projectId: project,
      incidentId: old.incidentId,
      patternId: old.patternId,
      diagnosisId: null,
      rootCause: 'wrong',
      solution: 'not_tried',
      judgedCause: 'x',
      judgedSolution: 'y',
      actualCause: 'z',
      note: null,
      givenBy: 'ops',
      givenAt: clock.now(),
    });
    clock.advance(729 * DAY_MS);
    await incident('diagnosed', 'f1');
    await store.patterns.invalidateDiagnosis({ id: old.patternId, projectId: project, fingerprint: 'f1' });
    await store.dataSource.query('UPDATE patterns SET diagnosis_id = NULL');
    clock.advance(2 * DAY_MS);
    expect(await forget()).toMatchObject({ incidents: 1, patterns: 0 });
    expect(await store.feedback.correctionOf(old.patternId)).toMatchObject({ actualCause: 'z' });
  });
});
