import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Feedback, FailurePattern } from '@app/domain';
import {
  diagnosis,
  failedJob,
  NOBODY,
  openOne,
  sighting,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 12));

// oxlint-disable unicorn/consistent-function-scoping -- helpers beside the store they use

/** Patterns as people put them in order, and what people say of their diagnoses. */
export function learningContract(name: string, openEmpty: OpenEmpty): void {
  describe(`learning: ${name}`, () => {
    let store: PersistenceUnderTest;
    let runId: number;
    beforeEach(async () => {
      store = await openEmpty();
      runId = 1;
    });

    /** One more failed job of a pattern, in a run of its own. */
    async function see(
      fingerprint: string,
      at = day(1),
      repository = 'App',
    ): Promise<FailurePattern & { incidentId: string }> {
      const ids = await openOne(store, {
        runId: runId++,
        failedAt: at,
        repository: { host: 'github.com', owner: 'Acme', name: repository },
      });
      const seen = sighting(ids, { fingerprint, signature: `signature of ${fingerprint}`, seenAt: at });
      return { ...(await store.patterns.recordSighting(seen)), incidentId: ids.incidentId };
    }
    const fingerprints = async (filter = {}) => {
      const { items } = await store.patternCatalog.list(filter, 10, null);
      return items.map(({ fingerprint }) => fingerprint);
    };

    describe('the list of patterns', () => {
      it('has the one seen last first, page by page', async () => {
        for (let index = 0; index < 5; index++) await see(`f${index}`, day(1 + ((index * 3) % 5)));
        const all: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await store.patternCatalog.list({}, 2, cursor);
          all.push(...page.items.map(({ fingerprint }) => fingerprint));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(all).toEqual(['f3', 'f1', 'f4', 'f2', 'f0']);
      });

      it('is narrowed by project, category, number and muting', async () => {
        const mine = await see('f1');
        await see('f1', day(2));
        const theirs = await see('f2', day(3), 'other');
        await store.patternCatalog.setMuted(theirs.id, { muted: true, reason: 'Known.', by: 'ops' });
        expect(await fingerprints({ projectIds: [mine.projectId] })).toEqual(['f1']);
        expect(await fingerprints({ projectIds: [NOBODY] })).toEqual([]);
        expect(await fingerprints({ minOccurrences: 2 })).toEqual(['f1']);
        expect(await fingerprints({ muted: true })).toEqual(['f2']);
        expect(await fingerprints({ muted: false })).toEqual(['f1']);
        expect(await fingerprints({ category: ['compile_error'] })).toEqual(['f2', 'f1']);
        expect(await fingerprints({ category: ['network'] })).toEqual([]);
      });

      it('refuses a cursor that is none', async () => {
        await expect(store.patternCatalog.list({}, 2, 'nonsense')).rejects.toMatchObject({
          code: 'invalid_input',
        });
      });

      it('says what is known of each', async () => {
        const pattern = await see('f1', day(1));
        await see('f1', day(3));
        const made = diagnosis({ ...pattern, patternId: pattern.id }, { id: randomUUID() });
        await store.diagnoses.save(made);
        const [found] = await store.patternCatalog.withFingerprint('f1', undefined);
        expect(found).toEqual({
          id: pattern.id,
          projectId: pattern.projectId,
          fingerprint: 'f1',
          signature: 'signature of f1',
          category: 'compile_error',
          occurrences: 2,
          firstSeenAt: day(1),
          lastSeenAt: day(3),
          diagnosisId: made.id,
          mutedAt: null,
          mutedBy: null,
          muteReason: null,
          repository: { host: 'github.com', owner: 'Acme', name: 'App' },
          incidents: 2,
          passes: 0,
          passesOnSameCommit: 0,
          mergedFingerprints: [],
          diagnosis: {
            id: made.id,
            source: 'rules',
            rootCause: 'Argument of type Widget is not assignable to Gadget.',
            solution: 'Pass a Gadget.',
            createdAt: new Date('2026-11-20T12:00:01.001Z'),
          },
        });
      });

      it('shows a fingerprint in every project that has it, and in none that is not asked for', async () => {
        const mine = await see('f1');
        const theirs = await see('f1', day(2), 'other');
        const ids = async (projectIds?: string[]) =>
          (await store.patternCatalog.withFingerprint('f1', projectIds)).map(({ id }) => id);
        expect(await ids()).toEqual([theirs.id, mine.id]);
        expect(await ids([mine.projectId])).toEqual([mine.id]);
        expect(await ids([NOBODY])).toEqual([]);
      });

      it('gives the signatures of a project, those seen last', async () => {
        const first = await see('f1', day(1));
        const second = await see('f2', day(2));
        await see('f3', day(3), 'other');
        expect(await store.patternCatalog.signatures(first.projectId, 10)).toEqual([
          {
            id: second.id,
            projectId: first.projectId,
            fingerprint: 'f2',
            signature: 'signature of f2',
            occurrences: 1,
            lastSeenAt: day(2),
          },
          expect.objectContaining({ fingerprint: 'f1' }),
        ]);
        expect(await store.patternCatalog.signatures(first.projectId, 1)).toHaveLength(1);
        expect(await store.patternCatalog.signatures('nonsense', 1)).toEqual([]);
      });
    });

    describe('a muting', () => {
      it('is seen by whoever counts the pattern, and ends', async () => {
        const { id } = await see('f1');
        const now = store.clock.now();
        expect(await store.patternCatalog.setMuted(id, { muted: true, reason: 'Known.', by: 'ops' })).toBe(
          true,
        );
        expect((await see('f1')).mutedAt).toEqual(now);
        expect(await store.patternCatalog.withFingerprint('f1', undefined)).toMatchObject([
          { mutedAt: now, mutedBy: 'ops', muteReason: 'Known.' },
        ]);
        store.clock.advance(1_000);
        expect(await store.patternCatalog.setMuted(id, { muted: false, reason: null, by: 'eve' })).toBe(true);
        expect((await see('f1')).mutedAt).toBeNull();
        expect(await store.patternCatalog.history(id)).toEqual([
          { at: now, kind: 'muted', by: 'ops', facts: { reason: 'Known.' } },
          { at: store.clock.now(), kind: 'unmuted', by: 'eve', facts: { reason: null } },
        ]);
      });

      it('that changes nothing leaves no trace', async () => {
        const { id } = await see('f1');
        expect(await store.patternCatalog.setMuted(id, { muted: false, reason: null, by: 'ops' })).toBe(
          false,
        );
        expect(await store.patternCatalog.history(id)).toEqual([]);
      });
    });

    describe('a merge', () => {
      const merge = (projectId: string, source: string, target: string) =>
        store.patternCatalog.merge(projectId, { source, target, by: 'ops' });

      it('counts what was and what will be seen of the one as the other', async () => {
        const source = await see('f1', day(1));
        const target = await see('f2', day(5));
        await merge(source.projectId, 'f1', 'f2');
        expect(await fingerprints()).toEqual(['f2']);
        const [merged] = await store.patternCatalog.withFingerprint('f1', undefined);
        expect(merged).toMatchObject({
          id: target.id,
          fingerprint: 'f2',
          occurrences: 2,
          incidents: 2,
          firstSeenAt: day(1),
          lastSeenAt: day(5),
          mergedFingerprints: ['f1'],
        });
        const later = await see('f1', day(9));
        expect(later).toMatchObject({ id: target.id, fingerprint: 'f2', occurrences: 3, lastSeenAt: day(9) });
        expect(await store.incidents.get(later.incidentId)).toMatchObject({
          fingerprint: 'f2',
          patternId: target.id,
        });
        expect(await store.incidents.occurrences(later.incidentId)).toMatchObject([{ fingerprint: 'f1' }]);
        expect(await store.incidents.get(source.incidentId)).toMatchObject({ patternId: target.id });
        expect(await store.patterns.find(source.projectId, 'f1')).toMatchObject({ id: target.id });
      });

      it('counts an attempt once all the same', async () => {
        const source = await see('f1');
        await see('f2');
        await merge(source.projectId, 'f1', 'f2');
        const again = sighting(source, { fingerprint: 'f1', seenAt: day(1) });
        expect(await store.patterns.recordSighting(again)).toMatchObject({ occurrences: 2 });
      });

      it('is undone: what was seen under the fingerprint is its own again', async () => {
        const source = await see('f1', day(1));
        const target = await see('f2', day(5));
        await merge(source.projectId, 'f1', 'f2');
        const later = await see('f1', day(9));
        const undone = await store.patternCatalog.unmerge(source.projectId, { fingerprint: 'f1', by: 'eve' });
        expect(undone).toEqual({ id: target.id, projectId: source.projectId, fingerprint: 'f2' });
        expect(await store.patternCatalog.withFingerprint('f1', undefined)).toMatchObject([
          { id: source.id, occurrences: 2, incidents: 2, firstSeenAt: day(1), lastSeenAt: day(9) },
        ]);
        expect(await store.patternCatalog.withFingerprint('f2', undefined)).toMatchObject([
          { id: target.id, occurrences: 1, incidents: 1, firstSeenAt: day(5), mergedFingerprints: [] },
        ]);
        expect(await store.incidents.get(later.incidentId)).toMatchObject({
          fingerprint: 'f1',
          patternId: source.id,
        });
        const told = (await store.patternCatalog.history(target.id)).map(({ kind, by }) => [kind, by]);
        expect(told).toEqual([
          ['merged', 'ops'],
          ['unmerged', 'eve'],
        ]);
        expect(await store.patternCatalog.history(source.id)).toHaveLength(2);
      });

      it('takes along what was merged into the source before', async () => {
        const { projectId } = await see('f1');
        await see('f2');
        const last = await see('f3');
        await merge(projectId, 'f1', 'f2');
        await merge(projectId, 'f2', 'f3');
        expect(await see('f1')).toMatchObject({ id: last.id, occurrences: 4 });
        expect(await store.patternCatalog.withFingerprint('f3', undefined)).toMatchObject([
          { mergedFingerprints: ['f1', 'f2'] },
        ]);
      });

      it('is refused with itself, with what was merged, and across projects', async () => {
        const { projectId } = await see('f1');
        await see('f2');
        await see('f3', day(1), 'other');
        await expect(merge(projectId, 'f1', 'f1')).rejects.toMatchObject({ code: 'invalid_input' });
        await expect(merge(projectId, 'f1', 'f3')).rejects.toMatchObject({ code: 'pattern_not_found' });
        await expect(merge(NOBODY, 'f1', 'f2')).rejects.toMatchObject({ code: 'pattern_not_found' });
        await merge(projectId, 'f1', 'f2');
        await expect(merge(projectId, 'f2', 'f1')).rejects.toMatchObject({ code: 'invalid_input' });
        await expect(merge(projectId, 'f1', 'f2')).rejects.toMatchObject({ code: 'invalid_input' });
        const undo = { fingerprint: 'f2', by: 'ops' };
        await expect(store.patternCatalog.unmerge(projectId, undo)).rejects.toMatchObject({
          code: 'pattern_not_found',
        });
      });

      it('loses no sighting that comes meanwhile', async () => {
        const { projectId } = await see('f1');
        await see('f2');
        const [, ...later] = await Promise.all([
          merge(projectId, 'f1', 'f2'),
          ...Array.from({ length: 6 }, () => see('f1')),
        ]);
        expect(later).toHaveLength(6);
        expect(await store.patternCatalog.withFingerprint('f2', undefined)).toMatchObject([
          { occurrences: 8, incidents: 8 },
        ]);
      });
    });

    describe('feedback', () => {
      async function diagnosed(): Promise<Feedback> {
        const pattern = await see('f1');
        const made = diagnosis({ ...pattern, patternId: pattern.id });
        await store.diagnoses.save(made);
        return {
          id: randomUUID(),
          projectId: pattern.projectId,
          incidentId: pattern.incidentId,
          patternId: pattern.id,
          diagnosisId: made.id,
          rootCause: 'wrong',
          solution: 'not_tried',
          judgedCause: made.rootCause.primaryCause,
          judgedSolution: made.solution.summary,
          actualCause: 'The runner’s disk was full.',
          note: null,
          givenBy: 'ops',
          givenAt: day(2),
        };
      }
      const stored = ({ patternId, projectId }: Feedback) =>
        store.patterns.findDiagnosis({ id: patternId!, projectId, fingerprint: 'f1' }, 'rules:1');

      it('that calls a cause wrong takes the diagnosis from the pattern', async () => {
        const verdict = await diagnosed();
        expect(await stored(verdict)).not.toBeNull();
        expect(await store.feedback.record(verdict)).toEqual({
          id: verdict.patternId,
          projectId: verdict.projectId,
          fingerprint: 'f1',
        });
        expect(await stored(verdict)).toBeNull();
        expect(await store.patternCatalog.withFingerprint('f1', undefined)).toMatchObject([
          { diagnosis: null },
        ]);
        expect(await store.feedback.ofIncident(verdict.incidentId!)).toEqual([verdict]);
        expect(await store.feedback.correctionOf(verdict.patternId!)).toEqual({
          wrongCauses: [verdict.judgedCause],
          failedSolutions: [],
          actualCause: verdict.actualCause,
          version: 1,
        });
        expect((await store.incidents.timeline(verdict.incidentId!)).at(-1)).toMatchObject({
          kind: 'feedback',
          facts: { rootCause: 'wrong', by: 'ops' },
        });
      });

      it('takes a newer diagnosis of the same cause too, and leaves one of another cause', async () => {
        const verdict = await diagnosed();
        const ids = {
          incidentId: verdict.incidentId!,
          projectId: verdict.projectId,
          patternId: verdict.patternId!,
        };
        const same = diagnosis(ids, { id: randomUUID() });
        await store.diagnoses.save(same);
        await store.feedback.record(verdict);
        expect(await stored(verdict)).toBeNull();
        const other = diagnosis(ids, {
          id: randomUUID(),
          rootCause: { ...same.rootCause, primaryCause: 'Something else.' },
        });
        await store.diagnoses.save(other);
        await store.feedback.record({ ...verdict, id: randomUUID() });
        expect(await stored(verdict)).toEqual(other);
      });

      it('that calls a solution useless takes the diagnosis too', async () => {
        const verdict = await diagnosed();
        await store.feedback.record({
          ...verdict,
          rootCause: 'correct',
          solution: 'did_not_work',
          actualCause: null,
        });
        expect(await stored(verdict)).toBeNull();
        expect(await store.feedback.correctionOf(verdict.patternId!)).toMatchObject({
          wrongCauses: [],
          failedSolutions: [verdict.judgedSolution],
        });
      });

      it('that agrees leaves the diagnosis where it is', async () => {
        const verdict = await diagnosed();
        await store.feedback.record({ ...verdict, rootCause: 'correct', actualCause: null });
        expect(await stored(verdict)).not.toBeNull();
        expect(await store.feedback.correctionOf(verdict.patternId!)).toBeNull();
      });

      it('holds for the pattern that another was merged into', async () => {
        const verdict = await diagnosed();
        const target = await see('f2');
        await store.feedback.record(verdict);
        await store.patternCatalog.merge(target.projectId, { source: 'f1', target: 'f2', by: 'ops' });
        expect(await store.feedback.correctionOf(target.id)).toMatchObject({
          wrongCauses: [verdict.judgedCause],
        });
      });

      it('is of an incident that exists', async () => {
        const verdict = await diagnosed();
        await expect(store.feedback.record({ ...verdict, incidentId: NOBODY })).rejects.toMatchObject({
          code: 'incident_not_found',
        });
        expect(await store.feedback.correctionOf(verdict.patternId!)).toBeNull();
        expect(await stored(verdict)).not.toBeNull();
      });

      it('keeps a diagnosis from being shown that was called wrong while it was reused', async () => {
        const verdict = await diagnosed();
        const [opened] = await store.incidents.open([failedJob({ runId: 99 })]);
        const claim = await store.progress.claim(opened!.incidentId, 1_000);
        await store.feedback.record(verdict);
        const outcome = { reason: null, citations: [], facts: {}, diagnosisId: verdict.diagnosisId };
        await expect(
          store.progress.finish(claim!, { status: 'diagnosed', reused: true, ...outcome }),
        ).rejects.toMatchObject({ code: 'claim_lost' });
        expect((await store.incidents.get(opened!.incidentId)).diagnosisId).toBeNull();
      });
    });
  });
}
