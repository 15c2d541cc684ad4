import * as fc from 'fast-check';
import { loadConfig } from '@app/config';
import type { DeliveryMeaning } from '@app/domain';
import { openPersistence, type Persistence } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, TestClock, delivery, failedJob } from '../../contracts/persistence/fixtures.js';
import { happened, meaningsOf, stateOf, work } from '../../contracts/persistence/order.contract.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const ROUNDS = 6;
const FAILED_AT = new Date('2026-11-20T11:00:00Z');
const PASSED_AT = new Date('2026-11-20T11:30:00Z');
const OF_RUN = {
  repository: REPOSITORY,
  headSha: 'c0ffee',
  branch: 'main',
  workflowId: 7,
  workflowName: 'CI',
};
const COMES_FROM = { headRepository: 'Acme/App', trigger: 'push', ownWork: false, pullRequests: [] };

const failure = (jobName: string): DeliveryMeaning => ({
  kind: 'failed_job',
  job: failedJob({ ...OF_RUN, runId: 101, jobName, pullRequests: [], failedAt: FAILED_AT }),
});
const passedJob = (runId: number, attempt: number): DeliveryMeaning => ({
  kind: 'job',
  job: {
    ...OF_RUN,
    runId,
    attempt,
    jobName: 'build',
    jobId: runId * 10 + attempt,
    conclusion: 'success',
    endedAt: PASSED_AT,
    url: null,
  },
});
const run = (runId: number, attempt: number, conclusion: string | null): DeliveryMeaning =>
  ({
    kind: 'run',
    run: { ...OF_RUN, ...COMES_FROM, runId, attempt, conclusion, endedAt: conclusion && PASSED_AT },
  }) as DeliveryMeaning;

/** Whether anything may prove a failure repaired is asked before what proves it is looked for. */
describe('a failure before which nothing passed', () => {
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

  /** All that came of the deliveries, with ids by their order. */
  async function outcome(told: readonly DeliveryMeaning[]): Promise<string> {
    const { dataSource } = store;
    await dataSource.query(
      `TRUNCATE ${dataSource.entityMetadatas.map(({ tableName }) => tableName).join(', ')}`,
    );
    clock.reset();
    const said = [];
    for (const [index, meaning] of told.entries())
      said.push(await store.deliveries.record(delivery(`d${index}`, meaning)));
    await work({ ...store, clock });
    const wanted = await Promise.all(told.map((_, index) => store.deliveries.wanted(`d${index}`)));
    const kept = await dataSource.query(
      `SELECT d.id, d.status, ARRAY(SELECT run_id || '/' || job_name FROM incidents WHERE id = ANY (d.incident_ids)
         ORDER BY 1) AS incidents FROM deliveries d ORDER BY d.id`,
    );
    const ids = new Map<string, string>();
    return JSON.stringify([said, wanted, kept, await stateOf({ ...store, clock })], null, 1).replace(
      /[\da-f]{8}-[\da-f-]{27}/g,
      (id) => ids.get(id) ?? (ids.set(id, `id ${ids.size}`), `id ${ids.size - 1}`),
    );
  }

  /** What comes of deliveries as they are recorded now, and as they were before. */
  async function bothWays(told: readonly DeliveryMeaning[]): Promise<[now: string, before: string]> {
    const migration = store.dataSource.migrations.find(({ name }) =>
      name?.startsWith('FailuresWithoutSuccessors'),
    )!;
    const now = await outcome(told);
    const runner = store.dataSource.createQueryRunner();
    try {
      await migration.down(runner);
      const before = await outcome(told);
      await migration.up(runner);
      return [now, before];
    } finally {
      await runner.release();
    }
  }

  it.each([
    ['nothing came first', [failure('build')], 'diagnosed'],
    ['a later attempt of its run came first', [passedJob(101, 2), failure('build')], 'resolved'],
    [
      'a later run on its branch came first',
      [run(101, 1, null), run(102, 1, null), passedJob(102, 1), failure('build')],
      'resolved',
    ],
    ['a later run of an unknown repository came first', [passedJob(102, 1), failure('build')], 'diagnosed'],
    [
      'a passing run came first, of whose jobs nothing is known',
      [run(101, 2, 'success'), failure('build')],
      'diagnosed',
    ],
    ['its run without jobs passed first, rerun', [run(101, 2, 'success'), failure('')], 'resolved'],
    [
      'a later run without jobs passed first',
      [run(101, 1, null), run(102, 1, 'success'), failure('')],
      'resolved',
    ],
    [
      'an earlier run passed',
      [run(101, 1, null), run(100, 1, 'success'), passedJob(100, 1), failure('build')],
      'diagnosed',
    ],
  ])('ends as it did when proofs were looked for: %s', async (_, told, status) => {
    const [now, before] = await bothWays(told);
    expect(now).toBe(before);
    expect(JSON.parse(now)[3]).toMatchObject([{ status }]);
  });

  it('ends as it did when proofs were looked for, whatever came in whichever order', async () => {
    const shuffled = happened.chain((what) => {
      const told = meaningsOf(what);
      return fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length });
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async (told) => {
        const [now, before] = await bothWays(told);
        expect(now).toBe(before);
      }),
      { numRuns: ROUNDS, endOnFailure: true },
    );
  }, 60_000);
});
