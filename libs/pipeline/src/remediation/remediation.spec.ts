import { ExternalFailure, type Actor } from '@app/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { HEAD, LEASE_MS, WINDOWS, remediationWorld } from '../../../../test/support/remediation-world.js';

const mona: Actor = { kind: 'person', name: 'mona' };
const uncertain = () => new ExternalFailure('No answer came.', { code: 'action_uncertain', retryable: true });

/** The second attempt of run 31. */
function rerun(world: ReturnType<typeof remediationWorld>, conclusion: string | null): void {
  const at = world.clock.now();
  world.ci.addRun({
    repository: 'acme/widgets',
    id: 31,
    attempt: 2,
    headSha: HEAD,
    status: conclusion === null ? 'in_progress' : 'completed',
    conclusion,
    jobs: [{ id: 312, name: 'build', conclusion, startedAt: at, completedAt: at }],
  });
}

describe('remediation', () => {
  let world: ReturnType<typeof remediationWorld>;
  const incident = (id: string) => world.store.incidents.get(id);
  const workflow = async (incidentId: string) =>
    (await world.store.workflows.list({ incidentId }, 1, null)).items[0]!;
  const writes = () => Object.fromEntries(world.actions.writes);
  /** Plans, starts and approves what the diagnosis speaks for, and lets workers run it. */
  const remedied = async (incidentId: string) => {
    const { id } = await world.plan.run(incidentId, null, mona);
    await world.steer.run(id, 'start', mona);
    await world.steer.run(id, 'approve', mona);
    await world.work();
    return id;
  };

  beforeEach(() => {
    world = remediationWorld();
    world.diagnoses('transient');
  });

  describe('of a project that says nothing', () => {
    it('is never begun by itself, and asks the provider nothing', async () => {
      const id = await world.failed();
      const asked = world.ci.calls.getRun;
      expect(await world.plan.automatically(id)).toBeNull();
      await world.tend.run();
      await world.work();
      expect(writes()).toEqual({});
      expect(world.ci.calls.getRun).toBe(asked);
      expect((await world.store.workflows.list({}, 10, null)).items).toEqual([]);
    });

    it('can be shown in full without anything being stored or written', async () => {
      const id = await world.failed();
      const steps = await world.plan.preview(id, null);
      expect(steps.map(({ step }) => [step.action.kind, step.decision.verdict])).toEqual([
        ['rerun_failed_jobs', 'approval'],
        ['comment', 'approval'],
      ]);
      expect(steps.every(({ preview }) => preview!.wouldAct && preview!.calls.length > 0)).toBe(true);
      expect(writes()).toEqual({});
      expect((await world.store.workflows.list({}, 10, null)).items).toEqual([]);
    });

    it('shows in the lists of incidents that one waits for a person', async () => {
      const id = await world.failed();
      await world.cache.set({ operation: 'search', scope: 'all', id: 'x' }, []);
      await world.plan.run(id, null, mona);
      expect(world.cache.ids('search')).toEqual([]);
    });

    it('waits for a person, then acts, then waits for the outcome', async () => {
      const id = await world.failed();
      const planned = await world.plan.run(id, null, mona);
      expect(await world.steer.run(planned.id, 'start', mona)).toMatchObject({ status: 'awaiting_approval' });
      expect(await incident(id)).toMatchObject({ status: 'awaiting_approval' });
      await world.work();
      expect(writes()).toEqual({});
      await world.steer.run(planned.id, 'approve', mona, 'go');
      await world.work();
      expect(writes()).toEqual({ rerun_failed_jobs: 1, comment: 1 });
      expect(await workflow(id)).toMatchObject({
        status: 'verifying',
        approvedBy: mona,
        verifyUntil: new Date(world.clock.now().getTime() + WINDOWS.rerunMs),
        steps: [{ state: 'done' }, { state: 'done' }],
      });
      expect(await incident(id)).toMatchObject({ status: 'verifying' });
      expect(world.actions.comments[0]!.body).toContain('a remedy is under way');
    });

    it.each([
      ['reject', 'rejected'],
      ['cancel', 'cancelled'],
    ] as const)('does nothing once somebody said %s', async (steering, status) => {
      const id = await world.failed();
      const planned = await world.plan.run(id, null, mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, steering, mona, 'not now');
      await world.work();
      expect(writes()).toEqual({});
      expect(await workflow(id)).toMatchObject({ status, reason: 'not now' });
      expect(await incident(id)).toMatchObject({ status: 'diagnosed' });
    });
  });

  describe('that policy lets happen by itself', () => {
    it('happens once for all failures of a run', async () => {
      const ids = [await world.failed({}, 'build')];
      await world.allow(ids[0]!, { rerun_failed_jobs: 'automatic', comment: 'automatic' });
      ids.push(await world.failed({}, 'unit'), await world.failed({}, 'lint'));
      for (const id of ids) await world.plan.automatically(id);
      await world.work();
      expect(world.actions.runs.get(31)).toMatchObject({ attempt: 2 });
      expect(writes()['rerun_failed_jobs']).toBe(1);
      expect(world.actions.comments).toHaveLength(1);
      for (const id of ids) expect(await workflow(id)).toMatchObject({ status: 'verifying' });
    });

    it('is planned by the next round where the process died in between, and once an attempt', async () => {
      const id = await world.failed();
      await world.allow(id, { rerun_failed_jobs: 'automatic' });
      await world.tend.run();
      await world.tend.run();
      await world.work();
      expect(writes()).toEqual({ rerun_failed_jobs: 1 });
      expect((await world.store.workflows.list({}, 10, null)).items).toHaveLength(1);
    });

    it('leaves the rest to a person', async () => {
      world.diagnoses('deterministic');
      const id = await world.failed();
      await world.proposesFix(id);
      await world.allow(id, { comment: 'automatic' });
      await world.plan.automatically(id);
      await world.work();
      expect(writes()).toEqual({ comment: 1 });
      expect(await workflow(id)).toMatchObject({ status: 'awaiting_approval' });
      expect(await incident(id)).toMatchObject({ status: 'awaiting_approval' });
      await world.steer.run((await workflow(id)).id, 'approve', mona);
      await world.work();
      expect(world.actions.pulls).toEqual([expect.objectContaining({ base: 'topic', draft: true })]);
      expect(await incident(id)).toMatchObject({ status: 'verifying' });
    });

    it('is refused for a fork, and for the product’s own work', async () => {
      const automatic = { rerun_failed_jobs: 'automatic', comment: 'automatic' } as const;
      const fork = await world.failed({ headRepository: 'mallory/widgets' });
      await world.allow(fork, automatic);
      const deleted = await world.failed({ id: 32, headRepository: null });
      const own = await world.failed({ id: 33, commitMessage: 'fix\n\nDevflowfix-Remediation: 1' });
      for (const id of [fork, deleted, own]) {
        await world.plan.automatically(id);
        await world.work();
        expect(await workflow(id)).toMatchObject({ status: 'declined' });
        const asked = await world.plan.run(id, null, mona);
        await expect(world.steer.run(asked.id, 'start', mona)).rejects.toMatchObject({
          code: 'refused_by_policy',
        });
      }
      expect(writes()).toEqual({});
    });

    it('stops at the day’s limit, and says so', async () => {
      const first = await world.failed();
      await world.allow(
        first,
        { rerun_failed_jobs: 'automatic', comment: 'off' },
        { dailyLimits: { each: 1, all: 10 } },
      );
      const second = await world.failed({ id: 32 });
      for (const id of [first, second]) await world.plan.automatically(id);
      await world.work();
      expect(writes()).toEqual({ rerun_failed_jobs: 1 });
      expect(await workflow(second)).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('limit of 1') as string,
      });
      expect(await incident(second)).toMatchObject({ status: 'diagnosed' });
    });

    it('is asked again right before: what was forbidden meanwhile is not done', async () => {
      const id = await world.failed();
      const planned = await world.plan.run(id, null, mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, 'approve', mona);
      await world.allow(id, { rerun_failed_jobs: 'off', comment: 'off' });
      await world.work();
      expect(writes()).toEqual({});
      expect(await workflow(id)).toMatchObject({
        status: 'failed',
        steps: [{ state: 'skipped' }, { state: 'skipped' }],
      });
    });
  });

  describe('whose worker dies', () => {
    it('between the effect and its record is not done again by the successor', async () => {
      const id = await world.failed();
      const planned = await world.plan.run(id, null, mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, 'approve', mona);
      // Nothing more is written: what a killed process leaves behind.
      const died = new Error('killed');
      const { done, failed } = world.store.actions;
      world.store.actions.done = world.store.actions.failed = () => Promise.reject(died);
      await expect(world.work()).rejects.toBe(died);
      Object.assign(world.store.actions, { done, failed });
      expect(writes()).toEqual({ rerun_failed_jobs: 1 });

      await world.store.workflows.get(planned.id);
      await expect(
        world.run.run(planned.id, { signal: new AbortController().signal, isLastAttempt: false }),
      ).rejects.toMatchObject({ code: 'action_busy', retryable: true });
      world.clock.advance(LEASE_MS);
      await world.tend.run();
      await world.work();
      expect(writes()).toEqual({ rerun_failed_jobs: 1, comment: 1 });
      expect(world.actions.runs.get(31)).toMatchObject({ attempt: 2 });
      expect(await workflow(id)).toMatchObject({ status: 'verifying' });
    });

    it('is found out by the successor even where what it did has mended the failure meanwhile', async () => {
      const id = await world.failed();
      const planned = await world.plan.run(id, null, mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, 'approve', mona);
      const died = new Error('killed');
      const { done, failed } = world.store.actions;
      world.store.actions.done = world.store.actions.failed = () => Promise.reject(died);
      await expect(world.work()).rejects.toBe(died);
      Object.assign(world.store.actions, { done, failed });
      await world.store.incidents.move(id, 'resolved', 'The job ran again and passed.');
      world.clock.advance(LEASE_MS);
      await world.tend.run();
      await world.work();
      // The comment was never begun, and nothing is begun any more.
      expect(writes()).toEqual({ rerun_failed_jobs: 1 });
      expect((await workflow(id)).steps.map(({ state }) => state)).toEqual(['done', 'skipped']);
      expect(await world.store.actions.ofIncident(id)).toMatchObject([{ state: 'done', remoteId: '31:2' }]);
      world.clock.advance(61_000);
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({ status: 'succeeded' });
    });

    it('after it was called off is found out by the next round, and nothing is done', async () => {
      const id = await world.failed();
      world.actions.fail('rerun_failed_jobs', uncertain());
      const planned = await world.plan.run(id, ['rerun_failed_jobs'], mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, 'approve', mona);
      await expect(world.work()).rejects.toMatchObject({ code: 'action_uncertain' });
      await world.steer.run(planned.id, 'cancel', mona);
      world.clock.advance(20_000);
      await world.tend.run();
      expect(writes()).toEqual({});
      expect(await world.store.actions.ofIncident(id)).toMatchObject([{ state: 'failed' }]);
    });

    it('without an answer from the provider looks before it acts again', async () => {
      const id = await world.failed();
      world.actions.fail('rerun_failed_jobs', uncertain(), true);
      const planned = await world.plan.run(id, ['rerun_failed_jobs'], mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, 'approve', mona);
      await expect(world.work()).rejects.toMatchObject({ code: 'action_uncertain' });
      expect(await world.store.actions.ofIncident(id)).toMatchObject([{ state: 'unknown' }]);
      world.clock.advance(20_000);
      await world.tend.run();
      await world.work();
      expect(writes()).toEqual({ rerun_failed_jobs: 1 });
      expect(await world.store.actions.ofIncident(id)).toMatchObject([{ state: 'done', remoteId: '31:2' }]);
    });

    it('is given up after the last try, with the reason', async () => {
      const id = await world.failed();
      world.actions.fail('rerun_failed_jobs', uncertain());
      const planned = await world.plan.run(id, ['rerun_failed_jobs'], mona);
      await world.steer.run(planned.id, 'start', mona);
      await world.steer.run(planned.id, 'approve', mona);
      await world.work(true);
      expect(await workflow(id)).toMatchObject({ status: 'failed', reason: 'No answer came.' });
      expect(await incident(id)).toMatchObject({ status: 'diagnosed' });
    });
  });

  describe('that was done', () => {
    it('is verified by the job running again, even when no webhook tells of it', async () => {
      const id = await world.failed();
      await remedied(id);
      world.clock.advance(61_000);
      rerun(world, null);
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({ status: 'verifying' });
      world.clock.advance(61_000);
      rerun(world, 'success');
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({ status: 'succeeded' });
      expect(await incident(id)).toMatchObject({
        status: 'resolved',
        verifiedBy: { runId: 31, attempt: 2, jobId: 312, passedAt: world.clock.now() },
      });
      expect(world.actions.comments).toEqual([
        expect.objectContaining({ body: expect.stringContaining('all repaired') as string }),
      ]);
    });

    it('has its comment brought up to date once the provider answers again', async () => {
      const id = await world.failed();
      await remedied(id);
      rerun(world, 'success');
      world.actions.fail('comment', uncertain());
      world.clock.advance(61_000);
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({ status: 'succeeded' });
      expect(world.actions.comments[0]!.body).not.toContain('all repaired');
      world.clock.advance(20_000);
      await world.tend.run();
      expect(world.actions.comments).toEqual([
        expect.objectContaining({ body: expect.stringContaining('all repaired') as string }),
      ]);
    });

    it('has its comment brought up to date, too, after the provider was away for a moment', async () => {
      const id = await world.failed();
      await remedied(id);
      rerun(world, 'success');
      world.actions.fail(
        'comment',
        new ExternalFailure('GitHub answered 502.', { code: 'github_unavailable', retryable: true }),
      );
      world.clock.advance(61_000);
      await world.tend.run();
      expect(world.actions.comments[0]!.body).not.toContain('all repaired');
      world.clock.advance(20_000);
      await world.tend.run();
      expect(world.actions.comments[0]!.body).toContain('all repaired');
    });

    it('has its comment brought up to date when people mend the failure after it ended', async () => {
      world.diagnoses('deterministic');
      const id = await world.failed();
      await remedied(id);
      expect(await workflow(id)).toMatchObject({ status: 'succeeded' });
      expect(world.actions.comments[0]!.body).toContain('1 failed');
      world.clock.advance(60_000);
      await world.store.incidents.move(id, 'resolved', 'It is green.');
      await world.tend.run();
      expect(world.actions.comments).toEqual([
        expect.objectContaining({ body: expect.stringContaining('resolved by hand') as string }),
      ]);
      const asked = world.ci.calls.getRun;
      await world.tend.run();
      expect(world.ci.calls.getRun).toBe(asked);
    });

    it('needs nobody’s word any more once the failure is repaired otherwise', async () => {
      const id = await world.failed();
      const { id: workflowId } = await world.plan.run(id, null, mona);
      await world.steer.run(workflowId, 'start', mona);
      await world.store.incidents.move(id, 'resolved', 'It is green.');
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({ status: 'cancelled', reason: 'The incident is resolved.' });
    });

    it('keeps a round from nothing while a plan of an earlier attempt still runs', async () => {
      const id = await world.failed();
      await remedied(id);
      await world.allow(id, { rerun_failed_jobs: 'automatic', comment: 'automatic' });
      await world.failed({ attempt: 2 });
      expect(await incident(id)).toMatchObject({ status: 'diagnosed', latestAttempt: 2 });
      await world.tend.run();
      world.clock.advance(61_000);
      await world.tend.run();
      const all = (await world.store.workflows.list({ incidentId: id }, 5, null)).items;
      expect(all.map(({ attempt }) => attempt)).toEqual([2, 1]);
    });

    it('has failed when the job fails again', async () => {
      const id = await world.failed();
      await remedied(id);
      await world.failed({ attempt: 2 });
      world.clock.advance(61_000);
      await world.tend.run();
      const all = (await world.store.workflows.list({ incidentId: id }, 5, null)).items;
      expect(all.map(({ status }) => status)).toEqual(['failed']);
    });

    it('has failed, as another occurrence, when the job fails again and no webhook tells of it', async () => {
      const id = await world.failed();
      await remedied(id);
      world.clock.advance(61_000);
      rerun(world, 'failure');
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({
        status: 'failed',
        reason: 'The job failed again in attempt 2.',
      });
      expect(await incident(id)).toMatchObject({ status: 'received', latestAttempt: 2, occurrences: 2 });
      expect(world.queue.jobs).toMatchObject([{ name: 'diagnose-incident', incidentId: id }]);
    });

    it('calls a person when its outcome does not show in time', async () => {
      const id = await world.failed();
      await remedied(id);
      world.clock.advance(WINDOWS.rerunMs + 60_000);
      rerun(world, null);
      await world.tend.run();
      expect(await workflow(id)).toMatchObject({ status: 'escalated' });
      expect(await incident(id)).toMatchObject({ status: 'escalated' });
    });
  });

  it('says which permission is missing, and fails for good', async () => {
    const id = await world.failed();
    const missing = 'GitHub does not allow it. The token or App needs “Actions: write”.';
    world.actions.fail(
      'rerun_failed_jobs',
      new ExternalFailure(missing, { code: 'github_forbidden', retryable: false }),
    );
    await remedied(id);
    expect(await workflow(id)).toMatchObject({
      status: 'failed',
      reason: missing,
      steps: [{ state: 'failed', note: missing }, { state: 'done' }],
    });
  });

  it('is called off when the failure has moved on', async () => {
    const id = await world.failed();
    const planned = await world.plan.run(id, null, mona);
    await world.steer.run(planned.id, 'start', mona);
    await world.store.incidents.move(id, 'resolved', 'by hand');
    await world.steer.run(planned.id, 'approve', mona);
    await world.work();
    expect(writes()).toEqual({});
    expect(await workflow(id)).toMatchObject({ status: 'cancelled' });
  });
});
