import { beforeEach, describe, expect, it } from 'vitest';
import {
  IllegalTransition,
  IllegalWorkflowMove,
  POLICY_ACTOR,
  WorkflowActive,
  WorkflowNotFound,
  type NewWorkflow,
  type WorkflowStep,
} from '@app/domain';
import {
  NOBODY,
  diagnosis,
  sighting,
  openOne,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';
import { LEASE_MS, mona, planned, step } from './remediation-fixtures.js';

/** Plans and their moves. */
export function remediationContract(name: string, openEmpty: OpenEmpty): void {
  describe(`remediation: ${name}`, () => {
    let store: PersistenceUnderTest;
    let of: { incidentId: string; projectId: string };

    beforeEach(async () => {
      store = await openEmpty();
      of = await openOne(store);
    });

    const plan = (changes?: Partial<NewWorkflow>) => planned(store, of, changes);
    const diagnose = async (incidentId = of.incidentId) => {
      const claim = (await store.progress.claim(incidentId, LEASE_MS))!;
      const none = { reason: null, diagnosisId: null, citations: [], reused: false, facts: {} };
      await store.progress.finish(claim, { status: 'diagnosed', ...none });
    };
    const move = (id: string, to: Parameters<typeof store.workflows.move>[1]['to'], incident = null) =>
      store.workflows.move(id, { to, by: mona, reason: null, incident });

    describe('a workflow', () => {
      it('is kept as it was planned', async () => {
        const planned = await plan();
        expect(planned).toMatchObject({
          ...of,
          attempt: 1,
          status: 'planned',
          steps: [step],
          plannedBy: mona,
          approvedBy: null,
          verifyUntil: null,
          createdAt: store.clock.now(),
        });
        expect(await store.workflows.get(planned.id)).toEqual(planned);
      });

      it.each([NOBODY, 'x'])('that does not exist is not found: %s', async (id) => {
        expect(await store.workflows.find(id)).toBeNull();
        await expect(store.workflows.get(id)).rejects.toThrow(WorkflowNotFound);
        await expect(move(id, 'approved')).rejects.toThrow(WorkflowNotFound);
        await expect(store.workflows.delete(id)).rejects.toThrow(WorkflowNotFound);
        await expect(store.workflows.saveStep(id, 0, step)).rejects.toThrow(WorkflowNotFound);
      });

      it('takes the place of a plan that nobody started, and of no other', async () => {
        const first = await plan();
        const second = await plan();
        expect(await store.workflows.get(first.id)).toMatchObject({ status: 'cancelled' });
        await move(second.id, 'awaiting_approval');
        await expect(plan()).rejects.toThrow(WorkflowActive);
        await plan({ status: 'declined', reason: 'nothing is allowed' });
        const third = await plan({ attempt: second.attempt + 1 });
        expect(await store.workflows.get(second.id)).toMatchObject({ status: 'cancelled' });
        await move(third.id, 'awaiting_approval');
        await move(third.id, 'rejected');
        await plan();
      });

      it('that waits for a person is overtaken once its incident is repaired', async () => {
        await diagnose();
        const { id } = await plan();
        await move(id, 'awaiting_approval');
        expect(await store.workflows.overtaken(10)).toEqual([]);
        await store.incidents.move(of.incidentId, 'resolved', 'by hand');
        expect(await store.workflows.overtaken(10)).toEqual([id]);
        await move(id, 'cancelled');
        expect(await store.workflows.overtaken(10)).toEqual([]);
      });

      it('is outdated once its incident shows its diagnosis no longer, until a worker begins with it', async () => {
        const { id: patternId } = await store.patterns.recordSighting(sighting(of));
        const first = diagnosis({ ...of, patternId }, { createdAt: store.clock.now() });
        const show = async (made: typeof first) => {
          await store.diagnoses.save(made);
          const claim = (await store.progress.claim(of.incidentId, LEASE_MS))!;
          const outcome = { reason: null, citations: [], reused: false, facts: {} };
          await store.progress.finish(claim, { status: 'diagnosed', diagnosisId: made.id, ...outcome });
        };
        const outdated = () => store.workflows.outdated(of.projectId, 10);
        const unplanned = async () =>
          (await store.workflows.unplanned([of.projectId], new Date(0), 10)).length > 0;
        await show(first);
        const plannedFrom = { diagnosisId: first.id, madeAt: first.createdAt };
        const { id } = await plan({ plannedFrom });
        expect(await store.workflows.get(id)).toMatchObject({ plannedFrom });
        expect(await outdated()).toEqual([]);

        const judged = {
          ...of,
          patternId,
          diagnosisId: first.id,
          judgedCause: first.rootCause.primaryCause,
          judgedSolution: first.solution.summary,
        };
        await store.feedback.record({
          ...judged,
          id: 'f0000000-0000-4000-8000-000000000001',
          rootCause: 'wrong',
          solution: 'not_tried',
          actualCause: null,
          note: null,
          givenBy: 'mona',
          givenAt: store.clock.now(),
        });
        expect(await outdated()).toEqual([{ workflowId: id, isContradicted: true }]);
        expect(await store.workflows.outdated(null, 10)).toEqual([{ workflowId: id, isContradicted: true }]);
        expect(await store.workflows.outdated(NOBODY, 10)).toEqual([]);

        // Made again, it has the id it had.
        await store.incidents.move(of.incidentId, 'received', 'again');
        await show({ ...first, createdAt: store.clock.advance(1_000) });
        expect(await outdated()).toEqual([{ workflowId: id, isContradicted: false }]);
        expect(await unplanned()).toBe(false);
        await move(id, 'cancelled');
        expect(await outdated()).toEqual([]);
        expect(await unplanned()).toBe(true);

        const stopping = { kind: 'cancel_run', runId: 1, attempt: 1 } as const;
        const { id: stop } = await plan({ steps: [{ ...step, action: stopping }] });
        expect(await outdated()).toEqual([]);
        await move(stop, 'cancelled');
        const begun = await plan();
        expect(await outdated()).toEqual([{ workflowId: begun.id, isContradicted: false }]);
        await move(begun.id, 'approved');
        await move(begun.id, 'running');
        expect(await outdated()).toEqual([]);
      });

      it('moves with its incident, and the timeline says who moved it', async () => {
        await diagnose();
        const { id } = await plan();
        const verifyUntil = store.clock.advance(5_000);
        await store.workflows.move(id, {
          to: 'awaiting_approval',
          by: mona,
          reason: 'ask first',
          incident: 'awaiting_approval',
        });
        await store.workflows.move(id, { to: 'approved', by: mona, reason: null, incident: null });
        await store.workflows.move(id, {
          to: 'running',
          by: POLICY_ACTOR,
          reason: null,
          incident: 'remediating',
        });
        const moved = await store.workflows.move(id, {
          to: 'verifying',
          by: POLICY_ACTOR,
          reason: null,
          incident: 'verifying',
          verifyUntil,
        });
        expect(moved).toMatchObject({ status: 'verifying', verifyUntil, approvedBy: mona });
        expect(await store.incidents.get(of.incidentId)).toMatchObject({ status: 'verifying' });
        const events = await store.incidents.timeline(of.incidentId);
        expect(events.filter(({ kind }) => kind === 'workflow').map(({ facts }) => facts)).toEqual([
          { workflowId: id, status: 'planned', by: mona },
          { workflowId: id, from: 'planned', status: 'awaiting_approval', by: mona, reason: 'ask first' },
          { workflowId: id, from: 'awaiting_approval', status: 'approved', by: mona },
          { workflowId: id, from: 'approved', status: 'running', by: POLICY_ACTOR },
          { workflowId: id, from: 'running', status: 'verifying', by: POLICY_ACTOR },
        ]);
        expect(events.at(-1)).toMatchObject({
          kind: 'moved',
          from: 'remediating',
          to: 'verifying',
          facts: { workflowId: id, by: POLICY_ACTOR },
        });
      });

      it('moves neither itself nor the incident when one of both must not', async () => {
        await diagnose();
        const { id } = await plan();
        await expect(move(id, 'succeeded')).rejects.toThrow(IllegalWorkflowMove);
        await move(id, 'approved');
        await expect(
          store.workflows.move(id, { to: 'running', by: mona, reason: null, incident: 'verifying' }),
        ).rejects.toThrow(IllegalTransition);
        expect(await store.workflows.get(id)).toMatchObject({ status: 'approved' });
        expect(await store.incidents.get(of.incidentId)).toMatchObject({ status: 'diagnosed' });
      });

      it('is approved by one of two who try at once', async () => {
        const { id } = await plan();
        const tries = await Promise.allSettled([move(id, 'approved'), move(id, 'approved')]);
        expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('keeps what became of each step, and notes it', async () => {
        const { id } = await plan({ steps: [step, step] });
        const done: WorkflowStep = { ...step, state: 'done', url: 'https://x/1' };
        await store.workflows.saveStep(id, 1, done);
        expect((await store.workflows.get(id)).steps).toEqual([step, done]);
        expect((await store.incidents.timeline(of.incidentId)).at(-1)).toMatchObject({
          kind: 'action',
          facts: { workflowId: id, action: 'comment', state: 'done', url: 'https://x/1' },
        });
      });

      it('is deleted unless something of it is under way', async () => {
        const { id } = await plan();
        await move(id, 'approved');
        await expect(store.workflows.delete(id)).rejects.toThrow(IllegalWorkflowMove);
        await move(id, 'cancelled');
        await store.workflows.delete(id);
        expect(await store.workflows.find(id)).toBeNull();
      });

      it('is listed newest first, by incident, project and status, in pages', async () => {
        const ids: string[] = [];
        for (let n = 0; n < 5; n++) {
          const other = await openOne(store, { runId: 100 + n });
          store.clock.advance(1);
          ids.unshift((await plan(other)).id);
        }
        const first = await store.workflows.list({}, 2, null);
        const second = await store.workflows.list({}, 2, first.nextCursor);
        const third = await store.workflows.list({}, 2, second.nextCursor);
        expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
        expect(third.nextCursor).toBeNull();
        await move(ids[0]!, 'approved');
        const only = async (filter: Parameters<typeof store.workflows.list>[0]) =>
          (await store.workflows.list(filter, 10, null)).items.map(({ id }) => id);
        expect(await only({ status: ['approved', 'running'] })).toEqual([ids[0]]);
        expect(await only({ projectIds: [NOBODY] })).toEqual([]);
        const { incidentId } = await store.workflows.get(ids[3]!);
        expect(await only({ incidentId })).toEqual([ids[3]]);
        await expect(store.workflows.list({}, 2, 'nonsense')).rejects.toMatchObject({
          code: 'invalid_input',
        });
      });

      it('that was approved is due until it ran, and dispatched again under a new sequence', async () => {
        const { id } = await plan();
        const take = (graceMs: number) => {
          const now = store.clock.now();
          return store.workflows.takeDue(new Date(now.getTime() - graceMs), now, 10);
        };
        store.clock.advance(10);
        expect(await take(0)).toEqual([]);
        await move(id, 'approved');
        expect(await take(5)).toEqual([]);
        store.clock.advance(5);
        expect(await take(5)).toEqual([{ workflowId: id, sequence: 1 }]);
        expect(await store.workflows.redispatch(id)).toEqual({ workflowId: id, sequence: 2 });
        expect(await take(5)).toEqual([]);
        store.clock.advance(5);
        expect(await take(5)).toEqual([{ workflowId: id, sequence: 2 }]);
        await move(id, 'running');
        await move(id, 'verifying');
        store.clock.advance(5);
        expect(await take(5)).toEqual([]);
        expect(await store.workflows.redispatch(id)).toBeNull();
        const now = store.clock.now();
        expect(await store.workflows.takeVerifying(now, now, 10)).toEqual([id]);
      });

      it('is missing for diagnosed incidents of the projects asked for, once an attempt', async () => {
        const since = new Date(store.clock.now().getTime() - 1_000);
        const missing = () => store.workflows.unplanned([of.projectId], since, 10);
        expect(await missing()).toEqual([]);
        await diagnose();
        expect(await missing()).toEqual([of.incidentId]);
        expect(await store.workflows.unplanned([NOBODY], since, 10)).toEqual([]);
        expect(await store.workflows.unplanned([of.projectId], store.clock.advance(1), 10)).toEqual([]);
        await plan({ status: 'declined' });
        expect(await missing()).toEqual([]);
        await openOne(store, { attempt: 2 });
        await diagnose();
        expect(await missing()).toEqual([of.incidentId]);
      });
    });
  });
}
