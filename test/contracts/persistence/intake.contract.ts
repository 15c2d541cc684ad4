import { beforeEach, describe, expect, it } from 'vitest';
import {
  delivery,
  failedJob,
  failedRun,
  REPOSITORY,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const jobOfRun = (id: string, runId: number) =>
  delivery(id, { kind: 'failed_job', job: failedJob({ runId }) });

/** What opens incidents: deliveries, and jobs handed in. */
export function intakeContract(name: string, openEmpty: OpenEmpty): void {
  describe(`intake: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });
    const pending = () => store.deliveries.record(delivery('d1', { kind: 'failed_run', run: failedRun() }));

    describe('a failed job', () => {
      it('opens an incident that waits to be diagnosed', async () => {
        const { duplicate, incidents } = await store.deliveries.record(
          delivery('d1', { kind: 'failed_job', job: failedJob() }),
        );
        expect(duplicate).toBe(false);
        expect(incidents).toEqual([
          { incidentId: expect.any(String) as string, sequence: 1, outcome: 'opened', turn: 1 },
        ]);
        const { conclusion: _, attempt, jobId, failedAt, ...told } = failedJob();
        expect(await store.incidents.get(incidents[0]!.incidentId)).toEqual({
          ...told,
          id: incidents[0]!.incidentId,
          projectId: expect.any(String) as string,
          status: 'received',
          statusReason: null,
          ownWork: false,
          verifiedBy: null,
          latestAttempt: attempt,
          latestJobId: jobId,
          occurrences: 1,
          category: null,
          subcategory: null,
          severity: null,
          determinism: null,
          confidence: null,
          fingerprint: null,
          patternId: null,
          diagnosisId: null,
          openedAt: store.clock.now(),
          lastFailedAt: failedAt,
          updatedAt: store.clock.now(),
        });
        expect(await store.incidents.occurrences(incidents[0]!.incidentId)).toEqual([
          { incidentId: incidents[0]!.incidentId, attempt, jobId, failedAt, fingerprint: null },
        ]);
        expect(await store.incidents.timeline(incidents[0]!.incidentId)).toMatchObject([
          { kind: 'opened', from: null, to: 'received', facts: { attempt: 1 }, at: store.clock.now() },
        ]);
      });

      it('opens nothing when its delivery comes again', async () => {
        const twice = delivery('d1', { kind: 'failed_job', job: failedJob() });
        const [opened] = (await store.deliveries.record(twice)).incidents;
        expect(await store.deliveries.record(twice)).toMatchObject({
          duplicate: true,
          incidents: [{ incidentId: opened!.incidentId, sequence: 1, outcome: 'known' }],
        });
        expect((await store.incidents.get(opened!.incidentId)).occurrences).toBe(1);
      });

      it('has its own outcome when many come at once, in the order in which they came', async () => {
        const arrivals = Array.from({ length: 40 }, (_, index) => jobOfRun(`d${index}`, 1_000 + index));
        const recorded = await Promise.all(
          [...arrivals, arrivals[3]!, jobOfRun('other', 1_005)].map((each) => store.deliveries.record(each)),
        );
        const outcomes = recorded.map(({ duplicate, incidents }) => [duplicate, incidents[0]!.outcome]);
        expect(outcomes).toEqual([
          ...arrivals.map(() => [false, 'opened']),
          [true, 'known'],
          [false, 'known'],
        ]);
        expect(recorded.slice(0, 40).map(({ incidents }) => incidents[0]!.turn)).toEqual(
          arrivals.map((_, index) => index + 1),
        );
        const ids = recorded.map(({ incidents }) => incidents[0]!.incidentId);
        expect([ids[40], ids[41]]).toEqual([ids[3], ids[5]]);
        const runs = await Promise.all(ids.map(async (id) => (await store.incidents.get(id)).runId));
        expect(runs.slice(0, 40)).toEqual(arrivals.map((_, index) => 1_000 + index));
      });

      it('is known when another delivery tells of the same attempt, which may add what was missing', async () => {
        const bare = { jobId: null, failedStep: null, branch: null };
        const [opened] = await store.incidents.open([failedJob(bare)]);
        const [known] = await store.incidents.open([failedJob()]);
        expect(known).toEqual({ ...opened, outcome: 'known' });
        expect(await store.incidents.get(opened!.incidentId)).toMatchObject({
          occurrences: 1,
          latestJobId: failedJob().jobId,
          failedStep: 'Run npm test',
          branch: 'feature/login',
        });
        expect(await store.incidents.occurrences(opened!.incidentId)).toMatchObject([
          { jobId: failedJob().jobId },
        ]);
        await store.incidents.open([failedJob({ ...bare, failedStep: 'Another' })]);
        expect((await store.incidents.get(opened!.incidentId)).failedStep).toBe('Run npm test');
      });

      it('of another job, run or repository is another incident; of another spelling it is the same', async () => {
        const opened = await store.incidents.open([
          failedJob(),
          failedJob({ jobName: 'lint' }),
          failedJob({ runId: 2 }),
          failedJob({ repository: { ...REPOSITORY, name: 'other' } }),
          failedJob({ repository: { ...REPOSITORY, host: 'github.example.org' } }),
          failedJob({ repository: { host: 'GitHub.com', owner: 'acme', name: 'APP' } }),
        ]);
        expect(opened.map(({ outcome }) => outcome)).toEqual([
          'opened',
          'opened',
          'opened',
          'opened',
          'opened',
          'known',
        ]);
        expect(opened[5]!.incidentId).toBe(opened[0]!.incidentId);
      });
    });

    describe('a later failed attempt', () => {
      const later = failedJob({
        attempt: 2,
        jobId: 76_000_000_002,
        failedStep: 'Run npm run build',
        failedAt: new Date('2026-11-20T13:00:00.000Z'),
        url: null,
      });

      it('is another occurrence of a waiting incident, which is dispatched already', async () => {
        const [opened] = await store.incidents.open([failedJob()]);
        expect(await store.incidents.open([later])).toEqual([{ ...opened, outcome: 'known' }]);
        expect(await store.incidents.get(opened!.incidentId)).toMatchObject({
          status: 'received',
          latestAttempt: 2,
          latestJobId: later.jobId,
          failedStep: later.failedStep,
          url: failedJob().url,
          occurrences: 2,
          lastFailedAt: later.failedAt,
        });
      });

      it('takes an incident out of its diagnosis: the worker’s claim is lost, a new dispatch is due', async () => {
        const [opened] = await store.incidents.open([failedJob()]);
        const claim = await store.progress.claim(opened!.incidentId, 30_000);
        await store.progress.saveStep(claim!, 'log', { lines: 3 });
        expect(await store.incidents.open([later])).toEqual([
          { incidentId: opened!.incidentId, sequence: 2, outcome: 'reopened', turn: 1 },
        ]);
        expect((await store.incidents.get(opened!.incidentId)).status).toBe('received');
        await expect(store.progress.renew(claim!, 30_000)).rejects.toMatchObject({ code: 'claim_lost' });
        const again = await store.progress.claim(opened!.incidentId, 30_000);
        expect(await store.progress.steps(again!)).toEqual(new Map());
      });

      it.each(['resolved', 'ignored'] as const)('reopens an incident that is %s', async (status) => {
        const [opened] = await store.incidents.open([failedJob()]);
        await store.incidents.move(opened!.incidentId, status, 'By hand.');
        const [reopened] = await store.incidents.open([later]);
        expect(reopened).toEqual({
          incidentId: opened!.incidentId,
          sequence: 2,
          outcome: 'reopened',
          turn: 1,
        });
        expect(await store.incidents.get(opened!.incidentId)).toMatchObject({
          status: 'received',
          statusReason: null,
        });
        expect(
          (await store.incidents.timeline(opened!.incidentId)).map(({ kind, from, to }) => [kind, from, to]),
        ).toEqual([
          ['opened', null, 'received'],
          ['moved', 'received', status],
          ['occurred_again', null, null],
          ['moved', status, 'received'],
        ]);
      });

      it('that is told of late is counted, and reopens nothing', async () => {
        const [opened] = await store.incidents.open([later]);
        await store.incidents.move(opened!.incidentId, 'resolved', 'By hand.');
        const [known] = await store.incidents.open([failedJob()]);
        expect(known).toEqual({ ...opened, outcome: 'known' });
        expect(await store.incidents.get(opened!.incidentId)).toMatchObject({
          status: 'resolved',
          latestAttempt: 2,
          latestJobId: later.jobId,
          failedStep: later.failedStep,
          occurrences: 2,
          lastFailedAt: later.failedAt,
        });
        expect((await store.incidents.occurrences(opened!.incidentId)).map(({ attempt }) => attempt)).toEqual(
          [1, 2],
        );
      });
    });

    describe('a failed run', () => {
      it('waits for its jobs to be listed', async () => {
        expect(await pending()).toMatchObject({ duplicate: false, incidents: [] });
        expect(await store.deliveries.find('d1')).toEqual({
          ...delivery('d1', { kind: 'failed_run', run: failedRun() }),
          status: 'pending',
          note: null,
          incidentIds: [],
          projectId: expect.any(String) as string,
        });
      });

      it('opens an incident for each listed job, once', async () => {
        await pending();
        const jobs = [failedJob(), failedJob({ jobName: 'lint' })];
        const opened = await store.deliveries.expand('d1', jobs, 'processed', 'Two jobs.');
        expect(opened.map(({ outcome }) => outcome)).toEqual(['opened', 'opened']);
        expect(await store.deliveries.find('d1')).toMatchObject({
          status: 'processed',
          note: 'Two jobs.',
          incidentIds: opened.map(({ incidentId }) => incidentId),
        });
        for (const { incidentId } of opened) {
          expect(await store.deliveries.findNote(incidentId)).toBe('Two jobs.');
        }
        expect(await store.deliveries.expand('d1', jobs, 'failed', null)).toEqual([]);
        expect((await store.deliveries.find('d1'))?.status).toBe('processed');
        expect(await store.deliveries.expand('nobody', jobs, 'processed', null)).toEqual([]);
      });

      it('is an incident itself when no job of it could be listed, and only then', async () => {
        await pending();
        const itself = failedJob({ jobName: '', jobId: null });
        const [opened] = await store.deliveries.expand('d1', [itself], 'processed', null);
        expect(opened).toMatchObject({ outcome: 'opened' });
        expect((await store.incidents.get(opened!.incidentId)).jobName).toBe('');
        expect(await store.deliveries.findNote(opened!.incidentId)).toBeNull();

        const other = failedRun({ runId: 2 });
        await store.deliveries.record(delivery('d2', { kind: 'failed_run', run: other }));
        await store.incidents.open([failedJob({ runId: 2 })]);
        expect(await store.deliveries.expand('d2', [{ ...itself, runId: 2 }], 'processed', null)).toEqual([]);
        expect(await store.deliveries.find('d2')).toMatchObject({ status: 'processed', incidentIds: [] });
      });

      it('is due once its grace is over, each project’s oldest first, until it is said to be dispatched', async () => {
        await pending();
        const receivedAt = new Date('2026-11-20T11:00:00Z');
        const older = delivery('d0', { kind: 'failed_run', run: failedRun() }, { receivedAt });
        await store.deliveries.record(older);
        const { clock } = store;
        const graceMs = 10_000;
        const due = (limit = 10) => store.deliveries.due(new Date(clock.now().getTime() - graceMs), limit);
        expect(await due()).toEqual([{ deliveryId: 'd0', sequence: 0, turn: 1 }]);
        await store.deliveries.markDispatched(['d0'], clock.now());
        expect(await due()).toEqual([]);
        clock.advance(graceMs);
        expect(await due()).toEqual([
          { deliveryId: 'd0', sequence: 0, turn: 1 },
          { deliveryId: 'd1', sequence: 0, turn: 2 },
        ]);
        expect(await due(1)).toHaveLength(1);
        expect(await store.deliveries.redispatch(['d0', 'nobody'], clock.now())).toEqual([
          { deliveryId: 'd0', sequence: 1 },
        ]);
        expect(await due()).toEqual([{ deliveryId: 'd1', sequence: 0, turn: 1 }]);
        await store.deliveries.expand('d1', [], 'failed', 'No.');
        expect(await due()).toEqual([]);
        expect(await store.deliveries.redispatch(['d1'], clock.now())).toEqual([]);
      });

      it('is never answered by others: its jobs are to be listed', async () => {
        await pending();
        expect(await store.deliveries.closeAnswered(['d1'])).toEqual([]);
      });
    });

    it('keeps what a delivery meant, and that it was ignored', async () => {
      const ignored = delivery('d1', { kind: 'ignored', reason: 'It passed.' }, { repository: null });
      expect(await store.deliveries.record(ignored)).toMatchObject({ duplicate: false, incidents: [] });
      expect(await store.deliveries.find('d1')).toEqual({
        ...ignored,
        status: 'ignored',
        note: 'It passed.',
        incidentIds: [],
        projectId: null,
      });
      const job = delivery('d2', { kind: 'failed_job', job: failedJob() });
      const { incidents } = await store.deliveries.record(job);
      expect(await store.deliveries.find('d2')).toEqual({
        ...job,
        status: 'processed',
        note: null,
        incidentIds: incidents.map(({ incidentId }) => incidentId),
        projectId: expect.any(String) as string,
      });
      expect(await store.deliveries.find('d3')).toBeNull();
    });

    it('takes texts that a database can’t hold as they are', async () => {
      const odd = failedJob({ jobName: 'zero \0 and half \ud83d', branch: 'a\0b', conclusion: '\0' });
      const { incidents } = await store.deliveries.record(
        delivery('d\0', { kind: 'failed_job', job: odd }, { action: '\0' }),
      );
      expect(incidents).toMatchObject([{ outcome: 'opened' }]);
      expect(await store.incidents.open([odd])).toMatchObject([{ outcome: 'known' }]);
    });

    it('opens one incident when many deliveries tell of a job at once', async () => {
      const recorded = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.deliveries.record(
            delivery(`d${index % 10}`, { kind: 'failed_job', job: failedJob({ attempt: 1 + (index % 3) }) }),
          ),
        ),
      );
      expect(recorded.filter(({ duplicate }) => duplicate)).toHaveLength(10);
      const opened = recorded.flatMap(({ incidents }) => incidents);
      expect(opened.filter(({ outcome }) => outcome === 'opened')).toHaveLength(1);
      expect(await store.incidents.get(opened[0]!.incidentId)).toMatchObject({
        occurrences: 3,
        latestAttempt: 3,
      });
    });
  });
}
