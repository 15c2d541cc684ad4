import type { Actor } from '@app/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { remediationWorld } from '../../../../test/support/remediation-world.js';

const mona: Actor = { kind: 'person', name: 'mona' };
const ACTUAL = 'The runner image lacks the compiler.';
const wrong = {
  rootCause: 'wrong',
  solution: 'not_tried',
  actualCause: ACTUAL,
  note: null,
  by: 'lisa',
} as const;
const BY_LISA = 'The diagnosis that this was planned from was called wrong by lisa.';
const CALLED_WRONG = 'The diagnosis that this was planned from was called wrong.';

describe('a plan whose diagnosis is called wrong', () => {
  let world: ReturnType<typeof remediationWorld>;
  const writes = () => Object.fromEntries(world.actions.writes);
  const workflow = (id: string) => world.store.workflows.get(id);
  const status = async (incidentId: string) => (await world.store.incidents.get(incidentId)).status;
  const approve = async (id: string) => {
    await world.steer.run(id, 'start', mona);
    await world.steer.run(id, 'approve', mona);
  };
  /** The verdict alone: whoever took it ended before anything else. */
  const judge = async (incidentId: string) => {
    const { projectId, patternId } = await world.store.incidents.get(incidentId);
    const { diagnosis } = (await world.store.diagnoses.ofIncident(incidentId))!;
    const { by: givenBy, ...verdict } = wrong;
    await world.store.feedback.record({
      ...verdict,
      id: '00000000-0000-4000-8000-000000000001',
      projectId,
      incidentId,
      patternId,
      diagnosisId: diagnosis.id,
      judgedCause: diagnosis.rootCause.primaryCause,
      judgedSolution: diagnosis.solution.summary,
      givenBy,
      givenAt: world.clock.now(),
    });
  };

  beforeEach(() => {
    world = remediationWorld();
    world.diagnoses('transient');
  });

  it('is called off before anybody started it, and can’t be started; the next one is of the new diagnosis', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, ['issue'], mona);
    await world.cache.set({ operation: 'workflows', id }, 'as it was');
    const given = await world.giveFeedback.run(incidentId, wrong);
    expect(given).toMatchObject({ diagnosedAnew: true, calledOff: [id] });
    expect(await workflow(id)).toMatchObject({ status: 'cancelled', reason: BY_LISA });
    expect(world.cache.ids('workflows')).toEqual([]);
    expect(world.bus.on('events:remediation_updated').at(-1)).toMatchObject({ status: 'cancelled' });
    expect(await world.store.incidents.timeline(incidentId)).toContainEqual(
      expect.objectContaining({
        kind: 'workflow',
        facts: expect.objectContaining({ workflowId: id, by: { kind: 'person', name: 'lisa' } }) as object,
      }),
    );
    for (const steering of ['start', 'approve'] as const)
      await expect(world.steer.run(id, steering, mona)).rejects.toMatchObject({
        code: 'illegal_workflow_move',
      });
    await world.work();
    expect(writes()).toEqual({});
    const next = await world.plan.run(incidentId, ['issue'], mona);
    expect(JSON.stringify(next.steps)).toContain(ACTUAL);
    await approve(next.id);
    await world.work();
    expect(writes()).toEqual({ issue: 1 });
  });

  it('is called off while it waits for approval, and its incident is diagnosed anew', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, null, mona);
    await world.steer.run(id, 'start', mona);
    expect(await status(incidentId)).toBe('awaiting_approval');
    const given = await world.giveFeedback.run(incidentId, wrong);
    expect(given).toMatchObject({ diagnosedAnew: true, calledOff: [id] });
    expect(await status(incidentId)).toBe('received');
    await world.work();
    expect(await status(incidentId)).toBe('diagnosed');
    expect(await workflow(id)).toMatchObject({ status: 'cancelled', reason: BY_LISA });
    expect(writes()).toEqual({});
  });

  it('is called off, too, where only its solution did not work', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, ['issue'], mona);
    await world.giveFeedback.run(incidentId, {
      ...wrong,
      rootCause: 'correct',
      solution: 'did_not_work',
      actualCause: null,
    });
    expect(await workflow(id)).toMatchObject({
      status: 'cancelled',
      reason: 'lisa said that the solution which this was planned from did not work.',
    });
  });

  it('stays where the verdict agrees, and where the diagnosis decides nothing of it', async () => {
    const incidentId = await world.failed();
    const other = await world.failed({ id: 32 });
    const stopping = await world.plan.run(other, ['cancel_run'], mona);
    const { id } = await world.plan.run(incidentId, ['issue'], mona);
    const agreeing = { ...wrong, rootCause: 'correct', actualCause: null } as const;
    expect((await world.giveFeedback.run(incidentId, agreeing)).calledOff).toEqual([]);
    expect((await world.giveFeedback.run(incidentId, wrong)).calledOff).toEqual([id]);
    expect(await workflow(stopping.id)).toMatchObject({ status: 'planned' });
  });

  it('is called off for every failure that shows the same diagnosis', async () => {
    const incidentId = await world.failed();
    const alike = await world.failed({ id: 32 });
    const { id } = await world.plan.run(alike, null, mona);
    await world.steer.run(id, 'start', mona);
    expect((await world.giveFeedback.run(incidentId, wrong)).calledOff).toEqual([id]);
    expect(await status(alike)).toBe('received');
  });

  it('and was approved does nothing, even where nobody was left to call it off', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, null, mona);
    await approve(id);
    await judge(incidentId);
    await world.work();
    expect(writes()).toEqual({});
    expect(await workflow(id)).toMatchObject({ status: 'cancelled', reason: CALLED_WRONG });
    expect(await status(incidentId)).toBe('received');
  });

  it('between two actions does no further one; what was done is verified', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, null, mona);
    await approve(id);
    const { workflows } = world.store;
    const saveStep = workflows.saveStep.bind(workflows);
    workflows.saveStep = async (...step) => {
      await saveStep(...step);
      if (step[1] === 0) await judge(incidentId);
    };
    await world.work();
    expect(writes()).toEqual({ rerun_failed_jobs: 1 });
    expect(await workflow(id)).toMatchObject({
      status: 'verifying',
      steps: [{ state: 'done' }, { state: 'skipped', note: CALLED_WRONG }],
    });
    expect(await status(incidentId)).toBe('verifying');
  });

  it('between two actions of which none mends anything is called off', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, ['issue', 'comment'], mona);
    await approve(id);
    const { workflows } = world.store;
    const saveStep = workflows.saveStep.bind(workflows);
    workflows.saveStep = async (...step) => {
      await saveStep(...step);
      if (step[1] === 0) await judge(incidentId);
    };
    await world.work();
    expect(writes()).toEqual({ issue: 1 });
    expect(await workflow(id)).toMatchObject({
      status: 'cancelled',
      steps: [{ state: 'done' }, { state: 'skipped' }],
    });
  });

  it('is called off by the next round where the process ended after the verdict', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, null, mona);
    await world.steer.run(id, 'start', mona);
    await judge(incidentId);
    await world.tend.run();
    expect(await workflow(id)).toMatchObject({ status: 'cancelled', reason: CALLED_WRONG });
    expect(await status(incidentId)).toBe('received');
  });

  it('is called off once its failure was diagnosed again for another reason', async () => {
    const incidentId = await world.failed();
    const { id } = await world.plan.run(incidentId, ['issue'], mona);
    await world.steer.run(id, 'start', mona);
    world.clock.advance(1_000);
    await world.store.incidents.move(incidentId, 'received', 'Once more.', { fresh: true });
    await world.diagnose(incidentId);
    await world.tend.run();
    expect(await workflow(id)).toMatchObject({
      status: 'cancelled',
      reason: 'Another diagnosis took the place of the one that this was planned from.',
    });
  });

  it('is planned anew by policy, from the new diagnosis', async () => {
    world.diagnoses('deterministic');
    const incidentId = await world.failed();
    await world.proposesFix(incidentId);
    await world.allow(incidentId, { comment: 'automatic' });
    const first = (await world.plan.automatically(incidentId))!;
    await world.work();
    expect(await workflow(first.id)).toMatchObject({ status: 'awaiting_approval' });
    world.clock.advance(1_000);
    await world.giveFeedback.run(incidentId, wrong);
    await world.work();
    await world.tend.run();
    await world.work();
    const { items } = await world.store.workflows.list({ incidentId }, 5, null);
    expect(items.map(({ id }) => id === first.id)).toEqual([false, true]);
    expect(items[1]).toMatchObject({ status: 'cancelled', reason: BY_LISA });
    expect(world.actions.comments).toEqual([
      expect.objectContaining({ body: expect.stringContaining(ACTUAL) as string }),
    ]);
  });
});
