import { beforeEach, describe, expect, it } from 'vitest';
import {
  ClaimLost,
  DEFAULT_ACTION_POLICY,
  ProjectNotFound,
  type ActionBegin,
  type ActionClaim,
  type ActionStart,
} from '@app/domain';
import { NOBODY, openOne, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';
import { LEASE_MS, mona, planned } from './remediation-fixtures.js';

const BEGINNERS = 10;

function claimOf(begin: ActionBegin): ActionClaim {
  if (begin.outcome !== 'begun') throw new Error(`expected a claim, got ${begin.outcome}`);
  return begin.claim;
}

/** Actions that happen at most once, and what a project allows of them. */
export function actionLedgerContract(name: string, openEmpty: OpenEmpty): void {
  describe(`actions: ${name}`, () => {
    let store: PersistenceUnderTest;
    let of: { incidentId: string; projectId: string };

    beforeEach(async () => {
      store = await openEmpty();
      of = await openOne(store);
    });

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
        workflowId = (await planned(store, of)).id;
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
        await store.workflows.move(workflowId, { to: 'approved', by: mona, reason: null, incident: null });
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
