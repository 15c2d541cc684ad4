import { beforeEach, describe, expect, it } from 'vitest';
import {
  ClaimLost,
  DEFAULT_ACTION_POLICY,
  IllegalTransition,
  IllegalWorkflowMove,
  POLICY_ACTOR,
  ProjectNotFound,
  WorkflowActive,
  WorkflowNotFound,
  type ActionBegin,
  type ActionClaim,
  type ActionStart,
  type Actor,
  type NewWorkflow,
  type WorkflowStep,
} from '@app/domain';
import {
  NOBODY,
  diagnosis,
  openOne,
  sighting,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const LEASE_MS = 60_000;
const BEGINNERS = 10;
const mona: Actor = { kind: 'person', name: 'mona' };

const step: WorkflowStep = {
  action: { kind: 'comment', pullRequest: 7, body: 'four failed' },
  decision: { verdict: 'approval', reasons: ['ask first'] },
  why: 'People look there.',
  state: 'pending',
  url: null,
  note: null,
};

function claimOf(begin: ActionBegin): ActionClaim {
  if (begin.outcome !== 'begun') throw new Error(`expected a claim, got ${begin.outcome}`);
  return begin.claim;
}

/** Plans, their moves, and actions that happen at most once. */
export function remediationContract(name: string, openEmpty: OpenEmpty): void {
  describe(`remediation: ${name}`, () => {
    let store: PersistenceUnderTest;
    let of: { incidentId: string; projectId: string };

    beforeEach(async () => {
      store = await openEmpty();
      of = await openOne(store);
    });

    const plan = (changes: Partial<NewWorkflow> = {}) =>
      store.workflows.create({
        ...of,
        attempt: 1,
        plannedFrom: null,
        status: 'planned',
        reason: null,
        steps: [step],
        plannedBy: mona,
        ...changes,
      });
    const diagnose = async (incidentId = of.incidentId) => {
      const claim = (await store.progress.claim(incidentId, LEASE_MS))!;
      const none = { reason: null, diagnosisId: null, citations: [], reused: false, facts: {} };
      await store.progress.finish(claim, { status: 'diagnosed', ...none });
    };
    const move = (id: string, to: Parameters<typeof store.workflows.move>[1]['to'], incident = null) =>
      store.workflows.move(id, { to, by: mona, reason: null, incident });

    describe('an action', () => {
      const start = (changes: Partial<ActionStart> = {}): ActionStart => ({
        ...of,
        workflowId: workflowId,
        key: 'rerun:1:1',
        kind: 'rerun_failed_jobs',
        payloadHash: 'p1',
        updatable: false,
        dailyLimits: { each: 100, all: 100 },
        ...changes,
      });
      const begin = async (changes: Partial<ActionStart> = {}) =>
        claimOf(await store.actions.begin(start(changes), LEASE_MS));
      let workflowId: string;

      beforeEach(async () => {
        workflowId = (await plan()).id;
      });

      it('is begun by one of many who try at once', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: BEGINNERS }, () => store.actions.begin(start(), LEASE_MS)),
        );
        expect(outcomes.filter(({ outcome }) => outcome === 'begun')).toHaveLength(1);
        expect(outcomes.filter(({ outcome }) => outcome === 'busy')).toHaveLength(BEGINNERS - 1);
      });

      it('is done once and for all, and says what it made', async () => {
        const claim = await begin();
        expect(claim.record).toMatchObject({ state: 'started', remoteId: null, key: 'rerun:1:1' });
        await store.actions.done(claim, { remoteId: '1:2', url: 'https://x' });
        const again = await store.actions.begin(start({ payloadHash: 'p2' }), LEASE_MS);
        expect(again).toMatchObject({
          outcome: 'done',
          record: { state: 'done', remoteId: '1:2', url: 'https://x', payloadHash: 'p1' },
        });
        expect(await store.actions.ofIncident(of.incidentId)).toHaveLength(1);
      });

      it('that may be updated is begun again for another payload alone, and keeps what it made', async () => {
        const comment = { kind: 'comment', key: 'comment:7', updatable: true } as const;
        await store.actions.done(await begin(comment), { remoteId: '55', url: null });
        expect(await store.actions.begin(start(comment), LEASE_MS)).toMatchObject({ outcome: 'done' });
        const claim = await begin({ ...comment, payloadHash: 'p2' });
        expect(claim.record).toMatchObject({ remoteId: '55', payloadHash: 'p2' });
      });

      it('goes to a successor when its holder vanished, and the holder can write nothing any more', async () => {
        const dead = await begin();
        store.clock.advance(LEASE_MS - 1);
        expect(await store.actions.begin(start(), LEASE_MS)).toMatchObject({ outcome: 'busy' });
        store.clock.advance(1);
        const successor = await begin();
        await expect(store.actions.done(dead, { remoteId: 'x', url: null })).rejects.toThrow(ClaimLost);
        await expect(store.actions.failed(dead, 'failed', 'x')).rejects.toThrow(ClaimLost);
        await expect(store.actions.renew(dead, LEASE_MS)).rejects.toThrow(ClaimLost);
        await store.actions.done(successor, { remoteId: 'y', url: null });
        expect(await store.actions.find(of.projectId, 'rerun:1:1')).toMatchObject({ remoteId: 'y' });
      });

      it('that nobody is at and nobody knows the outcome of is unsettled, once its workflow works no more', async () => {
        await begin();
        await store.actions.failed(await begin({ key: 'lost' }), 'unknown', 'No answer came.');
        await store.actions.failed(await begin({ key: 'failed' }), 'failed', 'No.');
        await store.actions.done(await begin({ key: 'done' }), { remoteId: '1', url: null });
        const unsettled = async () =>
          (await store.actions.unsettled(store.clock.now(), 10)).map(({ key }) => key);
        expect(await unsettled()).toEqual(['lost']);
        store.clock.advance(LEASE_MS);
        expect((await unsettled()).toSorted()).toEqual(['lost', 'rerun:1:1']);
        const [first] = await store.actions.unsettled(store.clock.now(), 1);
        store.clock.advance(1);
        await store.actions.lookedAt(first!.id);
        store.clock.advance(1);
        expect((await store.actions.unsettled(store.clock.now(), 2)).at(-1)).toMatchObject({ id: first!.id });
        await move(workflowId, 'approved');
        expect(await unsettled()).toEqual([]);
      });

      it('that is a comment is outdated once a failure it tells of is over, until it is looked at', async () => {
        const begunAt = store.clock.now();
        const comment = { kind: 'comment', key: 'comment:7', updatable: true } as const;
        await store.actions.done(await begin(comment), { remoteId: '55', url: null });
        await store.actions.done(await begin({ key: 'other' }), { remoteId: '56', url: null });
        const outdated = async (since = begunAt) =>
          (await store.actions.outdatedComments(since, 10)).map(({ key }) => key);
        expect(await outdated()).toEqual([]);
        store.clock.advance(1_000);
        await store.incidents.move(of.incidentId, 'ignored', 'It is known.');
        expect(await outdated()).toEqual(['comment:7']);
        expect(await outdated(store.clock.now())).toEqual([]);
        const [record] = await store.actions.outdatedComments(begunAt, 1);
        await store.actions.lookedAt(record!.id);
        expect(await outdated()).toEqual([]);
      });

      it('stays with a holder who renews', async () => {
        const claim = await begin();
        store.clock.advance(LEASE_MS - 1);
        await store.actions.renew(claim, LEASE_MS);
        store.clock.advance(LEASE_MS - 1);
        expect(await store.actions.begin(start(), LEASE_MS)).toMatchObject({ outcome: 'busy' });
      });

      it.each(['failed', 'unknown'] as const)(
        'that ended %s says why and may be begun again',
        async (state) => {
          await store.actions.failed(await begin(), state, 'no answer');
          expect(await store.actions.find(of.projectId, 'rerun:1:1')).toMatchObject({
            state,
            error: 'no answer',
            finishedAt: store.clock.now(),
          });
          expect((await begin()).record).toMatchObject({ state: 'started', error: null, finishedAt: null });
        },
      );

      it('counts in the day once: of its kind and of all', async () => {
        const dailyLimits = { each: 2, all: 3 };
        await begin({ key: 'a', dailyLimits });
        await store.actions.failed(await begin({ key: 'b', dailyLimits }), 'failed', 'x');
        expect(await store.actions.begin(start({ key: 'c', dailyLimits }), LEASE_MS)).toEqual({
          outcome: 'limited',
          scope: 'each',
          limit: 2,
        });
        await begin({ key: 'b', dailyLimits });
        await begin({ key: 'd', kind: 'issue', dailyLimits });
        expect(await store.actions.begin(start({ key: 'e', kind: 'issue', dailyLimits }), LEASE_MS)).toEqual({
          outcome: 'limited',
          scope: 'all',
          limit: 3,
        });
        store.clock.advance(24 * 3_600_000);
        await begin({ key: 'e', kind: 'issue', dailyLimits });
      });

      it('never passes the limit, however many begin at once', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 3 * BEGINNERS }, (_, index) =>
            store.actions.begin(
              start({ key: `k${index}`, dailyLimits: { each: BEGINNERS, all: 100 } }),
              LEASE_MS,
            ),
          ),
        );
        expect(outcomes.filter(({ outcome }) => outcome === 'begun')).toHaveLength(BEGINNERS);
      });

      it('of another project is another action', async () => {
        await begin();
        const other = await openOne(store, { repository: { host: 'github.com', owner: 'o', name: 'two' } });
        expect((await begin(other)).record.projectId).toBe(other.projectId);
      });

      it('outlives its workflow', async () => {
        await store.actions.done(await begin(), { remoteId: '1:2', url: null });
        await store.workflows.delete(workflowId);
        expect(await store.actions.begin(start(), LEASE_MS)).toMatchObject({ outcome: 'done' });
      });
    });

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

    describe('an action policy', () => {
      const policy = {
        ...DEFAULT_ACTION_POLICY,
        kinds: { ...DEFAULT_ACTION_POLICY.kinds, comment: 'automatic' },
        maxFiles: 1,
      } as const;

      it('is what was saved, nothing when nothing was, and can be taken away', async () => {
        expect(await store.actionPolicies.find(of.projectId)).toBeNull();
        await store.actionPolicies.save(of.projectId, policy);
        expect(await store.actionPolicies.find(of.projectId)).toEqual(policy);
        await store.actionPolicies.save(of.projectId, { ...policy, maxFiles: 3 });
        expect(await store.actionPolicies.find(of.projectId)).toMatchObject({ maxFiles: 3 });
        await store.actionPolicies.save(of.projectId, null);
        expect(await store.actionPolicies.find(of.projectId)).toBeNull();
      });

      it('of a project that does not exist is refused', async () => {
        await expect(store.actionPolicies.save(NOBODY, policy)).rejects.toThrow(ProjectNotFound);
        expect(await store.actionPolicies.find(NOBODY)).toBeNull();
      });

      it('names the projects in which something happens by itself', async () => {
        await store.actionPolicies.save(of.projectId, DEFAULT_ACTION_POLICY);
        expect(await store.actionPolicies.automatic()).toEqual([]);
        await store.actionPolicies.save(of.projectId, policy);
        expect(await store.actionPolicies.automatic()).toEqual([of.projectId]);
      });
    });
  });
}
