import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryMeaning, FailedJob, JobReport, PullReport, RunReport } from '@app/domain';
import { REPOSITORY, delivery, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';

/** Each round on a database truncates every table, which takes its time. */
const ROUNDS = { 'in memory': 150, other: 12 } as const;
const NOON = Date.UTC(2026, 10, 20, 12);
const RUNS = [101, 102, 103];
const ATTEMPTS = [1, 2, 3];
const JOBS = ['build', 'test'];

type End = 'failure' | 'success' | 'skipped' | 'cancelled';

/** What happened at the CI system: how each job of each attempt ended, and how its events tell of it. */
export interface Happened {
  readonly runs: readonly {
    readonly branch: 'main' | 'topic';
    readonly isFork: boolean;
    readonly ownWork: boolean;
    /** By attempt, then by job. */
    readonly ends: readonly (readonly End[])[];
    /** The runs' own events come too. */
    readonly tellsRun: boolean;
  }[];
  readonly mergedPull: boolean;
}

const end = fc.constantFrom<End>('failure', 'failure', 'success', 'success', 'skipped', 'cancelled');
export const happened: fc.Arbitrary<Happened> = fc.record({
  runs: fc.tuple(
    ...RUNS.map(() =>
      fc.record({
        branch: fc.constantFrom('main' as const, 'main' as const, 'topic' as const),
        isFork: fc.constantFrom(false, false, false, true),
        ownWork: fc.constantFrom(false, false, false, true),
        ends: fc.array(fc.tuple(end, end), { minLength: 1, maxLength: ATTEMPTS.length }),
        tellsRun: fc.constantFrom(true, true, true, false),
      }),
    ),
  ),
  mergedPull: fc.boolean(),
});

/** Later attempts and runs end later; no two ends fall together. */
function endedAt(run: number, attempt: number, job: number): Date {
  return new Date(NOON + attempt * 600_000 + run * 60_000 + job * 1_000);
}

export function meaningsOf({ runs, mergedPull }: Happened): DeliveryMeaning[] {
  const told: DeliveryMeaning[] = [];
  for (const [run, { branch, isFork, ownWork, ends, tellsRun }] of runs.entries()) {
    const runId = RUNS[run]!;
    const headSha = `sha-${runId}`;
    for (const [index, conclusions] of ends.entries()) {
      const attempt = index + 1;
      for (const [job, conclusion] of conclusions.entries()) {
        const common = {
          repository: REPOSITORY,
          runId,
          attempt,
          headSha,
          branch,
          conclusion,
          jobName: JOBS[job]!,
          jobId: runId * 100 + attempt * 10 + job,
          workflowId: null,
          workflowName: 'CI',
          url: `https://github.com/Acme/App/actions/runs/${runId}/job/${attempt}${job}`,
        };
        const at = endedAt(run, attempt, job);
        if (conclusion === 'failure') {
          const failed: FailedJob = {
            ...common,
            source: 'github',
            pullRequests: [],
            failedStep: `Step ${attempt}`,
            failedAt: at,
          };
          told.push({ kind: 'failed_job', job: failed });
        } else {
          const ended: JobReport = { ...common, endedAt: at };
          told.push({ kind: 'job', job: ended });
        }
      }
      if (!tellsRun) continue;
      const report: RunReport = {
        repository: REPOSITORY,
        runId,
        attempt,
        headSha,
        branch,
        ownWork,
        workflowId: 7,
        workflowName: 'CI',
        trigger: 'push',
        headRepository: isFork ? 'someone/app' : 'Acme/App',
        pullRequests: run === 0 ? [4] : [],
        conclusion: null,
        endedAt: null,
      };
      told.push({ kind: 'run', run: report });
      const conclusion = conclusions.every((one) => one === 'success') ? 'success' : 'cancelled';
      told.push({ kind: 'run', run: { ...report, conclusion, endedAt: endedAt(run, attempt, 30) } });
    }
  }
  const pull: PullReport = {
    repository: REPOSITORY,
    number: 5,
    headSha: `sha-${RUNS[1]}`,
    branch: 'topic',
    state: 'open',
    mergedAt: null,
    mergeSha: null,
    url: null,
    changedAt: new Date(NOON),
  };
  told.push({ kind: 'pull_request', pull });
  if (mergedPull) {
    const mergedAt = new Date(NOON + 7_200_000);
    const merged: PullReport = {
      ...pull,
      state: 'closed',
      mergedAt,
      mergeSha: 'merge',
      changedAt: mergedAt,
    };
    told.push({ kind: 'pull_request', pull: merged });
  }
  told.push({
    kind: 'heads',
    head: { repository: REPOSITORY, headSha: `sha-${RUNS[2]}`, pullRequests: [6] },
  });
  return told;
}

/** Whichever incident waits is diagnosed, as a worker would. */
export async function work(store: PersistenceUnderTest): Promise<void> {
  for (;;) {
    const now = store.clock.now();
    const due = await store.outbox.due(now, now, 50);
    if (due.length === 0) return;
    for (const { incidentId } of due) {
      const claim = await store.progress.claim(incidentId, 60_000);
      await store.progress.finish(claim!, {
        status: 'diagnosed',
        reason: null,
        diagnosisId: null,
        citations: [],
        reused: false,
        facts: {},
      });
    }
  }
}

function provenBy(attempt: number) {
  return { status: 'resolved', verifiedBy: { runId: RUNS[0], attempt } };
}

/** All that anybody can see of the incidents, without ids and the times of arrival. */
export async function stateOf(store: PersistenceUnderTest): Promise<unknown> {
  const { items } = await store.incidents.list({}, 100, null);
  const shown = await Promise.all(
    items.map(async ({ id, projectId: _p, openedAt: _o, updatedAt: _u, ...incident }) => ({
      ...incident,
      attempts: (await store.incidents.occurrences(id)).map(
        ({ incidentId: _i, ...occurrence }) => occurrence,
      ),
      merges: (await store.incidents.timeline(id))
        .filter(({ kind }) => kind === 'pull_request_merged')
        .map(({ facts }) => facts['number']),
    })),
  );
  return shown.toSorted((a, b) => `${a.runId}/${a.jobName}`.localeCompare(`${b.runId}/${b.jobName}`));
}

async function play(
  store: PersistenceUnderTest,
  told: readonly { id: number; meaning: DeliveryMeaning; worksAfter: boolean }[],
): Promise<unknown> {
  for (const { id, meaning, worksAfter } of told) {
    await store.deliveries.record(delivery(`d${id}`, meaning));
    if (worksAfter) await work(store);
  }
  await work(store);
  return stateOf(store);
}

/** Deliveries that come late, twice and in any order. */
export function orderContract(name: string, openEmpty: OpenEmpty): void {
  describe(`order: ${name}`, () => {
    it('of arrival, repetition and the worker’s pace leave one state of the incidents', async () => {
      const order = happened.chain((what) => {
        const meanings = meaningsOf(what).map((meaning, id) => ({ id, meaning }));
        const shuffled = fc
          .shuffledSubarray([...meanings, ...meanings], {
            minLength: meanings.length * 2,
            maxLength: meanings.length * 2,
          })
          .chain((told) =>
            fc
              .array(fc.boolean(), { minLength: told.length, maxLength: told.length })
              .map((works) => told.map((one, index) => ({ ...one, worksAfter: works[index]! }))),
          );
        return fc.record({ meanings: fc.constant(meanings), shuffled });
      });
      await fc.assert(
        fc.asyncProperty(order, async ({ meanings, shuffled }) => {
          const inOrder = await play(
            await openEmpty(),
            meanings.map((one) => ({ ...one, worksAfter: true })),
          );
          expect(await play(await openEmpty(), shuffled)).toEqual(inOrder);
        }),
        { numRuns: name === 'in memory' ? ROUNDS['in memory'] : ROUNDS.other, endOnFailure: true },
      );
    }, 90_000);

    it('a success told before its failure resolves it once it is diagnosed', async () => {
      const store = await openEmpty();
      const what: Happened = {
        runs: [
          {
            ...PLAIN,
            ends: [
              ['failure', 'success'],
              ['success', 'success'],
            ],
          },
        ],
        mergedPull: false,
      };
      const [failure, ...rest] = meaningsOf(what).map((meaning, id) => ({ id, meaning, worksAfter: false }));
      const [incident] = (await play(store, [...rest, failure!])) as {
        status: string;
        verifiedBy: unknown;
      }[];
      expect(incident).toMatchObject({
        status: 'resolved',
        verifiedBy: { runId: 101, attempt: 2, jobId: 10_120, passedAt: endedAt(0, 2, 0) },
      });
    });

    it('what passed before a person reopened it proves nothing any more; what passes later does', async () => {
      const store = await openEmpty();
      const ends = [['failure'], ['success'], ['success']] as const;
      const meanings = meaningsOf({ runs: [{ ...PLAIN, ends, tellsRun: false }], mergedPull: false });
      const told = meanings
        .filter(({ kind }) => kind === 'failed_job' || kind === 'job')
        .map((meaning, id) => ({ id, meaning, worksAfter: true }));
      expect(told).toHaveLength(ends.length);
      expect(await play(store, told.slice(0, 2))).toMatchObject([provenBy(2)]);

      store.clock.advance(endedAt(0, 2, 0).getTime() + 60_000 - store.clock.now().getTime());
      const [incident] = (await store.incidents.list({}, 1, null)).items;
      await store.incidents.move(incident!.id, 'received', 'It was diagnosed badly.');
      await work(store);
      expect(await stateOf(store)).toMatchObject([provenBy(2)]);
      await store.incidents.move(incident!.id, 'received', 'It still fails.', { reopened: true });
      await work(store);
      expect(await stateOf(store)).toMatchObject([{ status: 'diagnosed', verifiedBy: null }]);
      // Nor does being told again of what passed before, or another diagnosis.
      await store.deliveries.record(delivery('again', told[1]!.meaning));
      await store.incidents.move(incident!.id, 'received', 'Another diagnosis was asked for.');
      await work(store);
      expect(await stateOf(store)).toMatchObject([{ status: 'diagnosed', verifiedBy: null }]);

      expect(await play(store, told.slice(2))).toMatchObject([provenBy(3)]);
    });

    it.each([
      ['a later run of the same job and branch', {}, 'resolved'],
      ['a job that was skipped', { end: 'skipped' as const }, 'diagnosed'],
      ['a job that was cancelled', { end: 'cancelled' as const }, 'diagnosed'],
      ['another branch', { branch: 'topic' as const }, 'diagnosed'],
      ['a fork’s branch of the same name', { isFork: true }, 'diagnosed'],
    ])('%s leaves the incident as it must', async (_, change, status) => {
      const store = await openEmpty();
      const { end: ended = 'success', ...run } = { end: undefined as End | undefined, ...change };
      const what: Happened = {
        runs: [
          { ...PLAIN, ends: [['failure', 'success']] },
          { ...PLAIN, ...run, ends: [[ended, 'success']] },
        ],
        mergedPull: false,
      };
      const told = meaningsOf(what).map((meaning, id) => ({ id, meaning, worksAfter: true }));
      expect(await play(store, told)).toMatchObject([{ jobName: 'build', status }]);
    });

    it('asks where a run comes from before its passing job proves anything, and learns it in any order', async () => {
      const store = await openEmpty();
      const silent = { ...PLAIN, tellsRun: false };
      const [failure, , success] = meaningsOf({
        runs: [
          { ...silent, ends: [['failure', 'success']] },
          { ...silent, ends: [['success', 'success']] },
        ],
        mergedPull: false,
      });
      await store.deliveries.record(delivery('failure', failure!));
      await work(store);
      const recorded = await store.deliveries.record(delivery('success', success!));
      expect(recorded).toMatchObject({ pending: { turn: 1 }, resolved: [] });
      expect(await store.deliveries.wanted('success')).toEqual([
        { runId: 101, attempt: null },
        { runId: 102, attempt: null },
      ]);
      const [, , origin] = meaningsOf({ runs: [PLAIN], mergedPull: false });
      const { run } = origin as Extract<DeliveryMeaning, { kind: 'run' }>;
      const facts = { jobs: [], listed: [] };
      expect(await store.deliveries.learn({ ...facts, runs: [run] })).toEqual([]);
      expect(await store.deliveries.wanted('success')).toEqual([{ runId: 102, attempt: null }]);
      expect(await store.deliveries.learn({ ...facts, runs: [{ ...run, runId: 102 }] })).toEqual([
        { incidentId: expect.any(String) as string, projectId: recorded.projectId },
      ]);
      expect(await store.deliveries.wanted('success')).toEqual([]);
      await store.deliveries.close('success', 'processed', null);
      expect(await store.deliveries.find('success')).toMatchObject({ status: 'processed' });
    });

    it('asks nothing any more that another delivery has told meanwhile', async () => {
      const store = await openEmpty();
      const silent = { ...PLAIN, tellsRun: false };
      const [failure, , success] = meaningsOf({
        runs: [
          { ...silent, ends: [['failure', 'success']] },
          { ...silent, ends: [['success', 'success']] },
        ],
        mergedPull: false,
      });
      await store.deliveries.record(delivery('failure', failure!));
      await work(store);
      await store.deliveries.record(delivery('success', success!));
      expect(await store.deliveries.closeAnswered(['success', 'nobody'])).toEqual([]);
      const [, , origin] = meaningsOf({ runs: [PLAIN], mergedPull: false });
      const { run } = origin as Extract<DeliveryMeaning, { kind: 'run' }>;
      await store.deliveries.record(delivery('one', { kind: 'run', run }));
      expect(await store.deliveries.closeAnswered(['success'])).toEqual([]);
      await store.deliveries.record(delivery('other', { kind: 'run', run: { ...run, runId: 102 } }));
      expect(await store.deliveries.closeAnswered(['success'])).toEqual(['success']);
      expect(await store.deliveries.find('success')).toMatchObject({ status: 'processed' });
    });

    it('asks for the jobs of a passing run that no job’s event told of, once', async () => {
      const store = await openEmpty();
      const [failure, , , ended] = meaningsOf({
        runs: [{ ...PLAIN, ends: [['failure', 'success']] }],
        mergedPull: false,
      });
      await store.deliveries.record(delivery('failure', failure!));
      const { run } = ended as Extract<DeliveryMeaning, { kind: 'run' }>;
      await store.deliveries.record(delivery('origin', { kind: 'run', run }));
      await work(store);
      const passed = { ...run, runId: 102, conclusion: 'success', endedAt: endedAt(1, 1, 30) };
      const recorded = await store.deliveries.record(delivery('passed', { kind: 'run', run: passed }));
      expect(recorded.pending).toEqual({ turn: 1 });
      expect(await store.deliveries.wanted('passed')).toEqual([{ runId: 102, attempt: 1 }]);
      const listed = [{ repository: REPOSITORY, runId: 102, attempt: 1 }];
      // The job is absent: the run proves nothing about it, and is not asked again.
      expect(await store.deliveries.learn({ runs: [], jobs: [], listed })).toEqual([]);
      expect(await store.deliveries.wanted('passed')).toEqual([]);
    });
  });
}

const PLAIN: Happened['runs'][number] = {
  branch: 'main',
  isFork: false,
  ownWork: false,
  ends: [['success', 'success']],
  tellsRun: true,
};
