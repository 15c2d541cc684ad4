import { beforeEach, describe, expect, it } from 'vitest';
import { INCIDENT_STATUSES, canMove, type IncidentFilter, type IncidentStatus } from '@app/domain';
import {
  diagnosis,
  failedJob,
  NOBODY,
  openOne,
  sighting,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

/** Reading, listing and moving incidents, and their outbox. */
export function incidentsContract(name: string, openEmpty: OpenEmpty): void {
  describe(`incidents: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });
    const names = async (filter: IncidentFilter): Promise<string[]> => {
      const { items } = await store.incidents.list(filter, 100, null);
      return items.map(({ jobName }) => jobName);
    };
    const counts = async (texts: readonly string[]): Promise<number[]> =>
      Promise.all(texts.map(async (text) => (await names({ text })).length));

    it('are not found by ids that nothing has, or that are none', async () => {
      for (const id of [NOBODY, 'nonsense', '']) {
        expect(await store.incidents.find(id)).toBeNull();
        await expect(store.incidents.get(id)).rejects.toMatchObject({ code: 'incident_not_found' });
        expect(await store.incidents.timeline(id)).toEqual([]);
        expect(await store.incidents.occurrences(id)).toEqual([]);
        await expect(store.incidents.move(id, 'resolved', 'x')).rejects.toMatchObject({
          code: 'incident_not_found',
        });
        expect(await store.progress.claim(id, 1_000)).toBeNull();
        expect(await store.outbox.redispatch(id, store.clock.now())).toBeNull();
      }
    });

    describe('a list', () => {
      it('is newest first, page by page, each incident once, also of one moment', async () => {
        for (let index = 0; index < 7; index++) {
          await store.incidents.open([failedJob({ jobName: `job ${index}` })]);
          if (index % 3 === 0) store.clock.advance(5);
        }
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await store.incidents.list({}, 2, cursor);
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor;
          // What comes meanwhile is newer, and moves nothing.
          await store.incidents.open([failedJob({ jobName: `new ${seen.length}` })]);
        } while (cursor !== null && seen.length < 20);
        expect(new Set(seen).size).toBe(7);
        const all = await store.incidents.list({}, 100, null);
        const openedAt = all.items.map((incident) => incident.openedAt.getTime());
        expect(openedAt).toEqual(openedAt.toSorted((a, b) => b - a));
        expect(all.nextCursor).toBeNull();
      });

      it('refuses a cursor that it did not give', async () => {
        for (const cursor of ['', 'x', Buffer.from('2026-11-20 x').toString('base64url')]) {
          await expect(store.incidents.list({}, 10, cursor)).rejects.toMatchObject({ code: 'invalid_input' });
        }
      });

      it('shows only the projects asked for: none when none are', async () => {
        const { projectId } = await openOne(store, { jobName: 'mine' });
        await openOne(store, {
          jobName: 'theirs',
          repository: { host: 'github.com', owner: 'o', name: 'other' },
        });
        expect(await names({ projectIds: [projectId] })).toEqual(['mine']);
        expect(await names({ projectIds: [projectId, 'nonsense'] })).toEqual(['mine']);
        expect(await names({ projectIds: [] })).toEqual([]);
        expect(await names({})).toHaveLength(2);
      });

      it('is narrowed by status, branch, category, severity, determinism, fingerprint and time', async () => {
        const first = await openOne(store, { jobName: 'first', branch: 'main' });
        const later = store.clock.advance(60_000);
        await openOne(store, { runId: 2, jobName: 'second', branch: 'topic' });
        const pattern = await store.patterns.recordSighting(sighting(first));
        const claim = await store.progress.claim(first.incidentId, 1_000);
        const made = diagnosis({ ...first, patternId: pattern.id });
        await store.diagnoses.save(made);
        await store.progress.finish(claim!, {
          status: 'diagnosed',
          reason: null,
          diagnosisId: made.id,
          citations: [],
          reused: false,
          facts: {},
        });

        const onlyFirst: IncidentFilter[] = [
          { status: ['diagnosed', 'resolved'] },
          { branch: 'main' },
          { category: ['compile_error'] },
          { severity: ['high'] },
          { determinism: ['deterministic'] },
          { fingerprint: 'f1' },
          { to: later },
          { category: ['compile_error'], branch: 'main', status: ['diagnosed'] },
        ];
        for (const filter of onlyFirst) expect(await names(filter)).toEqual(['first']);
        expect(await names({ from: later })).toEqual(['second']);
        for (const filter of [{ category: [] }, { branch: 'mai' }, { branch: 'main', from: later }]) {
          expect(await names(filter)).toEqual([]);
        }
      });

      it('is searched by words of job, workflow, branch and root cause, whole or begun', async () => {
        const found = await openOne(store, {
          jobName: 'build (ubuntu-latest, 20)',
          workflowName: 'Release train',
          branch: 'feature/Login_form',
        });
        await openOne(store, { runId: 2, jobName: 'lint', workflowName: null, branch: null });
        const pattern = await store.patterns.recordSighting(sighting(found));
        const claim = await store.progress.claim(found.incidentId, 1_000);
        await store.diagnoses.save(diagnosis({ ...found, patternId: pattern.id }));
        await store.progress.finish(claim!, {
          status: 'diagnosed',
          reason: null,
          diagnosisId: diagnosis({ ...found, patternId: pattern.id }).id,
          citations: [],
          reused: false,
          facts: {},
        });
        const begun = ['UBUNTU', 'release tra', 'login', 'form 20', 'widget assign', '(ubuntu'];
        expect(await counts(begun)).toEqual(begun.map(() => 1));
        expect(await names({ text: 'ubuntu' })).toEqual(['build (ubuntu-latest, 20)']);
        expect(await counts(['buntu', 'release lint', 'gizmo'])).toEqual([0, 0, 0]);
        expect(await counts(['', ' ', `'`, '&|!:*()', '\0'])).toEqual([2, 2, 2, 2, 2]);
      });
    });

    describe('a move', () => {
      it('changes the status, says why, and stands on the timeline', async () => {
        const { incidentId } = await openOne(store);
        const now = store.clock.advance(1_000);
        const facts = { by: 'key-1' };
        expect(await store.incidents.move(incidentId, 'ignored', 'Known outage.', facts)).toEqual({
          incidentId,
          sequence: 1,
        });
        expect(await store.incidents.get(incidentId)).toMatchObject({
          status: 'ignored',
          statusReason: 'Known outage.',
          updatedAt: now,
        });
        expect((await store.incidents.timeline(incidentId)).at(-1)).toEqual({
          id: expect.any(Number) as number,
          incidentId,
          at: now,
          kind: 'moved',
          from: 'received',
          to: 'ignored',
          facts: { by: 'key-1', reason: 'Known outage.' },
        });
      });

      it('back to received is a new dispatch, due at once', async () => {
        const { incidentId } = await openOne(store);
        await store.incidents.move(incidentId, 'ignored', 'x');
        const now = store.clock.advance(60_000);
        expect(await store.incidents.move(incidentId, 'received', 'Again.')).toEqual({
          incidentId,
          sequence: 2,
        });
        expect(await store.outbox.due(now, now, 10)).toMatchObject([{ incidentId, sequence: 2 }]);
      });

      it('takes a diagnosis away from its worker', async () => {
        const { incidentId } = await openOne(store);
        const claim = await store.progress.claim(incidentId, 30_000);
        await store.incidents.move(incidentId, 'resolved', 'Passed meanwhile.');
        await expect(store.progress.saveStep(claim!, 'log', {})).rejects.toMatchObject({
          code: 'claim_lost',
        });
      });

      it('is made where the state machine allows it, and only there', async () => {
        const reached: Partial<Record<IncidentStatus, readonly IncidentStatus[]>> = {
          received: [],
          diagnosed: ['diagnosed'],
          awaiting_approval: ['diagnosed', 'awaiting_approval'],
          remediating: ['diagnosed', 'remediating'],
          verifying: ['diagnosed', 'remediating', 'verifying'],
          resolved: ['resolved'],
          escalated: ['diagnosed', 'escalated'],
          ignored: ['ignored'],
        };
        let runId = 1;
        for (const [from, path] of Object.entries(reached)) {
          for (const to of INCIDENT_STATUSES.filter((status) => status !== 'diagnosing')) {
            const { incidentId } = await openOne(store, { runId: runId++ });
            for (const step of path) {
              if (step === 'diagnosed') await diagnose(store, incidentId);
              else await store.incidents.move(incidentId, step, 'On the way.');
            }
            const outcome = await store.incidents.move(incidentId, to, 'There.').then(
              () => 'moved',
              (error: { code: string }) => error.code,
            );
            const legal = canMove(from as IncidentStatus, to);
            const { status } = await store.incidents.get(incidentId);
            expect([from, to, outcome, status]).toEqual(
              legal ? [from, to, 'moved', to] : [from, to, 'illegal_transition', from],
            );
          }
        }
      });

      it('of several at once is made by one', async () => {
        const { incidentId } = await openOne(store);
        const moves = await Promise.allSettled(
          Array.from({ length: 5 }, (_, index) => store.incidents.move(incidentId, 'ignored', `${index}`)),
        );
        expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await store.incidents.timeline(incidentId)).toHaveLength(2);
      });
    });

    describe('the outbox', () => {
      it('holds incidents without a worker, the longest waiting first, once they were not dispatched for a while', async () => {
        const first = await openOne(store, { runId: 1 });
        store.clock.advance(1_000);
        const second = await openOne(store, { runId: 2 });
        const ids = async (before: Date, limit = 10): Promise<string[]> =>
          (await store.outbox.due(before, store.clock.now(), limit)).map(({ incidentId }) => incidentId);
        const now = store.clock.now();
        expect(await ids(now)).toEqual([first.incidentId, second.incidentId]);
        expect(await ids(now, 1)).toEqual([first.incidentId]);
        expect(await ids(new Date(now.getTime() - 500))).toEqual([first.incidentId]);

        const later = store.clock.advance(1_000);
        await store.outbox.markDispatched([{ incidentId: first.incidentId, sequence: 1 }], later);
        expect(await ids(now)).toEqual([second.incidentId]);
        expect(await ids(later)).toEqual([second.incidentId, first.incidentId]);
        await store.outbox.markDispatched([], later);
      });

      it('knows nothing of a dispatch that was overtaken', async () => {
        const { incidentId } = await openOne(store);
        const opened = store.clock.now();
        const later = store.clock.advance(1_000);
        await store.outbox.markDispatched([{ incidentId, sequence: 9 }], later);
        expect(await store.outbox.due(opened, later, 10)).toMatchObject([{ incidentId, sequence: 1 }]);
      });

      it('holds an incident whose worker’s claim ended, not one that is held or done', async () => {
        const { incidentId } = await openOne(store);
        const claim = await store.progress.claim(incidentId, 1_000);
        const now = store.clock.advance(999);
        expect(await store.outbox.due(now, now, 10)).toMatchObject([]);
        expect(await store.outbox.redispatch(incidentId, now)).toBeNull();
        const after = store.clock.advance(1);
        expect(await store.outbox.due(after, after, 10)).toMatchObject([{ incidentId, sequence: 1 }]);
        expect(await store.outbox.redispatch(incidentId, after)).toEqual({ incidentId, sequence: 2 });
        expect(await store.outbox.due(new Date(after.getTime() - 1), after, 10)).toMatchObject([]);

        await store.progress.finish(claim!, {
          status: 'diagnosis_failed',
          reason: 'x',
          diagnosisId: null,
          citations: [],
          reused: false,
          facts: {},
        });
        expect(await store.outbox.due(after, after, 10)).toMatchObject([]);
        expect(await store.outbox.redispatch(incidentId, after)).toBeNull();
      });
    });
  });
}

async function diagnose(store: PersistenceUnderTest, incidentId: string): Promise<void> {
  const claim = await store.progress.claim(incidentId, 1_000);
  await store.progress.finish(claim!, {
    status: 'diagnosed',
    reason: null,
    diagnosisId: null,
    citations: [],
    reused: false,
    facts: {},
  });
}
