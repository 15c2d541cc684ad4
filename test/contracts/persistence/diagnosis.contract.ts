import { beforeEach, describe, expect, it } from 'vitest';
import type { DiagnosisOutcome } from '@app/domain';
import {
  archivedLog,
  diagnosis,
  failedJob,
  NOBODY,
  openOne,
  sighting,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const failed: DiagnosisOutcome = {
  status: 'diagnosis_failed',
  reason: 'The log is gone.',
  diagnosisId: null,
  citations: [],
  reused: false,
  facts: { code: 'github_log_gone' },
};

/** A worker's way through a diagnosis: claim, checkpoints, log, pattern, result. */
export function diagnosisContract(name: string, openEmpty: OpenEmpty): void {
  describe(`diagnosis: ${name}`, () => {
    let store: PersistenceUnderTest;
    let incidentId: string;
    let projectId: string;
    beforeEach(async () => {
      store = await openEmpty();
      ({ incidentId, projectId } = await openOne(store));
    });
    const pattern = (changes = {}) =>
      store.patterns.recordSighting(sighting({ incidentId, projectId }, changes));

    describe('a claim', () => {
      it('is given to one worker, with the incident as it is then', async () => {
        const claims = await Promise.all(
          Array.from({ length: 8 }, () => store.progress.claim(incidentId, 1_000)),
        );
        const held = claims.filter((claim) => claim !== null);
        expect(held).toHaveLength(1);
        expect(held[0]!.incident).toEqual(await store.incidents.get(incidentId));
        expect(held[0]!.incident.status).toBe('diagnosing');
      });

      it('is given again when it ended, and the first holder writes no more', async () => {
        const first = await store.progress.claim(incidentId, 1_000);
        await store.progress.saveStep(first!, 'log', { lines: 1 });
        store.clock.advance(1_000);
        const second = await store.progress.claim(incidentId, 1_000);
        expect(second!.token).not.toBe(first!.token);
        expect(await store.progress.steps(second!)).toEqual(new Map([['log', { lines: 1 }]]));
        const lost = { code: 'claim_lost' };
        await expect(store.progress.renew(first!, 1_000)).rejects.toMatchObject(lost);
        await expect(store.progress.steps(first!)).rejects.toMatchObject(lost);
        await expect(store.progress.saveStep(first!, 'log', { lines: 2 })).rejects.toMatchObject(lost);
        await expect(store.progress.release(first!, 'x')).rejects.toMatchObject(lost);
        await expect(store.progress.finish(first!, failed)).rejects.toMatchObject(lost);
        expect(await store.progress.steps(second!)).toEqual(new Map([['log', { lines: 1 }]]));
        expect((await store.incidents.get(incidentId)).status).toBe('diagnosing');
      });

      it('is prolonged by its holder, even after its end if nobody took it', async () => {
        const claim = await store.progress.claim(incidentId, 1_000);
        store.clock.advance(900);
        await store.progress.renew(claim!, 1_000);
        store.clock.advance(900);
        expect(await store.progress.claim(incidentId, 1_000)).toBeNull();
        store.clock.advance(900);
        await store.progress.renew(claim!, 1_000);
        expect(await store.progress.claim(incidentId, 1_000)).toBeNull();
      });

      it('is given back with what was done so far, for the next worker', async () => {
        const claim = await store.progress.claim(incidentId, 1_000);
        await store.progress.saveStep(claim!, 'log', { lines: 1 });
        const now = store.clock.advance(10);
        await store.progress.release(claim!, 'Shutting down.');
        expect(await store.incidents.get(incidentId)).toMatchObject({
          status: 'received',
          statusReason: 'Shutting down.',
        });
        expect(await store.outbox.due(now, now, 1)).toMatchObject([{ incidentId, sequence: 1 }]);
        const next = await store.progress.claim(incidentId, 1_000);
        expect(next!.incident.statusReason).toBeNull();
        expect(await store.progress.steps(next!)).toEqual(new Map([['log', { lines: 1 }]]));
        await expect(store.progress.renew(claim!, 1_000)).rejects.toMatchObject({ code: 'claim_lost' });
      });

      it('is not given of an incident that has no work', async () => {
        const claim = await store.progress.claim(incidentId, 1_000);
        await store.progress.finish(claim!, failed);
        expect(await store.progress.claim(incidentId, 1_000)).toBeNull();
      });
    });

    describe('a step', () => {
      it('is kept as it was saved last, and told of once', async () => {
        const claim = await store.progress.claim(incidentId, 1_000);
        const result = { value: { a: [1, null, 'x'], 'b.c': false }, meta: { costUsd: 0.1 } };
        await store.progress.saveStep(claim!, 'classify', { first: true });
        await store.progress.saveStep(claim!, 'classify', result);
        await store.progress.saveStep(claim!, 'odd', { text: 'zero \0' });
        const steps = await store.progress.steps(claim!);
        expect(steps.get('classify')).toEqual(result);
        expect([...steps.keys()].toSorted()).toEqual(['classify', 'odd']);
        const told = await store.incidents.timeline(incidentId);
        expect(told.filter(({ kind }) => kind === 'step').map(({ facts }) => facts['step'])).toEqual([
          'classify',
          'odd',
        ]);
      });
    });

    describe('an end', () => {
      it('without a diagnosis says why', async () => {
        const claim = await store.progress.claim(incidentId, 1_000);
        await store.progress.finish(claim!, failed);
        expect(await store.incidents.get(incidentId)).toMatchObject({
          status: 'diagnosis_failed',
          statusReason: 'The log is gone.',
          diagnosisId: null,
        });
        expect(await store.diagnoses.ofIncident(incidentId)).toBeNull();
        expect((await store.incidents.timeline(incidentId)).at(-1)).toMatchObject({
          kind: 'moved',
          from: 'diagnosing',
          to: 'diagnosis_failed',
          facts: { code: 'github_log_gone', reason: 'The log is gone.', reused: false },
        });
      });

      it('with a diagnosis shows it, with citations of this incident’s own', async () => {
        const { id: patternId } = await pattern();
        const made = diagnosis({ incidentId, projectId, patternId });
        await store.diagnoses.save(made);
        const citations = [{ evidenceId: 'E1', quote: 'error TS2345', line: 3 }];
        const claim = await store.progress.claim(incidentId, 1_000);
        await store.progress.finish(claim!, {
          status: 'diagnosed',
          reason: null,
          diagnosisId: made.id,
          citations,
          reused: false,
          facts: { costUsd: 0.1 },
        });
        expect(await store.diagnoses.ofIncident(incidentId)).toEqual({
          diagnosis: made,
          reused: false,
          citations,
          contradicted: false,
        });
        expect(await store.incidents.get(incidentId)).toMatchObject({
          status: 'diagnosed',
          diagnosisId: made.id,
          category: 'compile_error',
          subcategory: 'typescript',
          severity: 'high',
          determinism: 'deterministic',
          confidence: 0.85,
        });

        const other = await openOne(store, { runId: 2 });
        const otherClaim = await store.progress.claim(other.incidentId, 1_000);
        const moved = [{ evidenceId: 'E1', quote: 'error TS2345', line: 77 }];
        await store.progress.finish(otherClaim!, {
          status: 'diagnosed',
          reason: null,
          diagnosisId: made.id,
          citations: moved,
          reused: true,
          facts: {},
        });
        expect(await store.diagnoses.ofIncident(other.incidentId)).toEqual({
          diagnosis: made,
          reused: true,
          citations: moved,
          contradicted: false,
        });
        expect(await store.diagnoses.ofIncident(incidentId)).toMatchObject({ citations, reused: false });
      });

      it('of another round replaces what the incident showed', async () => {
        const { id: patternId } = await pattern();
        const made = diagnosis({ incidentId, projectId, patternId });
        await store.diagnoses.save(made);
        const finish = async (line: number): Promise<void> => {
          const claim = await store.progress.claim(incidentId, 1_000);
          const citations = [{ evidenceId: 'E1', quote: 'x', line }];
          const outcome = { reason: null, diagnosisId: made.id, reused: false, facts: {} };
          await store.progress.finish(claim!, { status: 'diagnosed', citations, ...outcome });
        };
        await finish(1);
        await store.incidents.move(incidentId, 'received', 'Again.');
        await finish(2);
        expect((await store.diagnoses.ofIncident(incidentId))?.citations).toMatchObject([{ line: 2 }]);
        await store.incidents.open([failedJob({ attempt: 2 })]);
        const claim = await store.progress.claim(incidentId, 1_000);
        await store.progress.finish(claim!, failed);
        expect(await store.diagnoses.ofIncident(incidentId)).toBeNull();
      });
    });

    describe('a pattern', () => {
      it('counts an attempt once, however often it is told of', async () => {
        const first = await pattern();
        expect(first).toEqual({
          id: expect.any(String) as string,
          projectId,
          fingerprint: 'f1',
          signature: 'error TS2345 in <path>',
          category: 'compile_error',
          occurrences: 1,
          firstSeenAt: sighting({ incidentId, projectId }).seenAt,
          lastSeenAt: sighting({ incidentId, projectId }).seenAt,
          diagnosisId: null,
          mutedAt: null,
        });
        const again = await Promise.all(Array.from({ length: 5 }, () => pattern()));
        expect(again.map(({ occurrences }) => occurrences)).toEqual([1, 1, 1, 1, 1]);
        expect(await store.patterns.find(projectId, 'f1')).toEqual(first);
        expect(await store.patterns.find(projectId, 'f2')).toBeNull();
        expect(await store.patterns.find(NOBODY, 'f1')).toBeNull();
      });

      it('counts each attempt and each incident, with the time of the first and the last', async () => {
        await pattern();
        await store.incidents.open([failedJob({ attempt: 2 })]);
        const lastSeenAt = new Date('2026-11-21T00:00:00Z');
        await pattern({ attempt: 2, seenAt: lastSeenAt });
        const other = await openOne(store, { runId: 2 });
        const firstSeenAt = new Date('2026-11-19T00:00:00Z');
        expect(await store.patterns.recordSighting(sighting(other, { seenAt: firstSeenAt }))).toMatchObject({
          occurrences: 3,
          firstSeenAt,
          lastSeenAt,
        });
      });

      it('is the incident’s, as its latest attempt has it', async () => {
        await store.incidents.open([failedJob({ attempt: 2 })]);
        const latest = await pattern({
          attempt: 2,
          fingerprint: 'f2',
          category: 'network',
          subcategory: null,
        });
        await pattern({ attempt: 1 });
        expect(await store.incidents.get(incidentId)).toMatchObject({
          fingerprint: 'f2',
          patternId: latest.id,
          category: 'network',
          subcategory: null,
          determinism: 'deterministic',
          confidence: 0.9,
        });
        expect((await store.incidents.occurrences(incidentId)).map(({ fingerprint }) => fingerprint)).toEqual(
          ['f1', 'f2'],
        );
      });

      it('loses an occurrence that a changed analysis gives to another', async () => {
        await pattern();
        expect(await pattern({ fingerprint: 'f2' })).toMatchObject({ occurrences: 1 });
        expect(await store.patterns.find(projectId, 'f1')).toMatchObject({ occurrences: 0 });
      });

      it('of another project is another, though the fingerprint is the same', async () => {
        const mine = await pattern();
        const other = await openOne(store, { repository: { host: 'github.com', owner: 'o', name: 'other' } });
        const theirs = await store.patterns.recordSighting(sighting(other));
        expect(theirs.id).not.toBe(mine.id);
        expect(theirs.occurrences).toBe(1);
      });

      it('is not told of for an incident or attempt that nobody knows', async () => {
        for (const sought of [{ attempt: 9 }, { incidentId: NOBODY }, { incidentId: 'nonsense' }]) {
          await expect(pattern(sought)).rejects.toMatchObject({ code: 'incident_not_found' });
        }
        expect(await store.patterns.find(projectId, 'f1')).toBeNull();
      });
    });

    describe('a stored diagnosis', () => {
      it('is the pattern’s current one, for the analyst that made it', async () => {
        const found = await pattern();
        const patternId = found.id;
        const ids = { incidentId, projectId, patternId };
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toBeNull();
        const made = diagnosis(ids);
        const { id, fingerprint } = found;
        expect(await store.diagnoses.save(made)).toEqual({ id, projectId, fingerprint });
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toEqual(made);
        expect(await store.patterns.findDiagnosis(found, 'rules:2')).toBeNull();
        const nobody = { ...found, id: NOBODY, fingerprint: 'another' };
        expect(await store.patterns.findDiagnosis(nobody, 'rules:1')).toBeNull();
        expect((await pattern()).diagnosisId).toBe(made.id);

        const newer = diagnosis(ids, { id: 'd0000000-0000-8000-a000-000000000002', analyst: 'rules:2' });
        await store.diagnoses.save(newer);
        expect(await store.patterns.findDiagnosis(found, 'rules:2')).toEqual(newer);
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toBeNull();
      });

      it('is one however often it is saved, as it was saved last', async () => {
        const found = await pattern();
        const patternId = found.id;
        const made = diagnosis({ incidentId, projectId, patternId });
        await store.diagnoses.save(made);
        await store.diagnoses.save({ ...made, costUsd: 0.5, modelCalls: 4 });
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toEqual({
          ...made,
          costUsd: 0.5,
          modelCalls: 4,
        });
      });

      it('is not found any more once it was said to be wrong, until it is made again', async () => {
        const found = await pattern();
        const made = diagnosis({ incidentId, projectId, patternId: found.id });
        await store.patterns.invalidateDiagnosis(found);
        await store.diagnoses.save(made);
        await store.patterns.invalidateDiagnosis({ ...found, id: NOBODY, fingerprint: 'another' });
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toEqual(made);
        await store.patterns.invalidateDiagnosis(found);
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toBeNull();
        await store.diagnoses.save(made);
        expect(await store.patterns.findDiagnosis(found, 'rules:1')).toEqual(made);
      });

      it('tells which incidents somebody else diagnosed in the model’s place, and how often that was mended', async () => {
        const { id: patternId } = await pattern();
        const fallbackReason = 'llm_away: It is left alone.';
        const made = diagnosis({ incidentId, projectId, patternId }, { analyst: 'fallback', fallbackReason });
        const query = {
          codes: ['llm_timeout', 'llm_away'],
          madeBefore: new Date(made.createdAt.getTime() + 1),
          offer: 'model_back',
          maxOffers: 2,
          limit: 10,
        };
        const diagnose = async () => {
          await store.diagnoses.save(made);
          const claim = await store.progress.claim(incidentId, 1_000);
          const outcome = { reason: null, diagnosisId: made.id, citations: [], reused: false, facts: {} };
          await store.progress.finish(claim!, { status: 'diagnosed', ...outcome });
        };
        expect(await store.diagnoses.fellBack(query)).toEqual([]);
        await diagnose();
        expect((await store.diagnoses.ofIncident(incidentId))!.diagnosis.fallbackReason).toBe(fallbackReason);
        expect(await store.diagnoses.fellBack(query)).toEqual([incidentId]);
        expect(await store.diagnoses.fellBack({ ...query, codes: ['llm'] })).toEqual([]);
        expect(await store.diagnoses.fellBack({ ...query, madeBefore: made.createdAt })).toEqual([]);
        for (const left of [[incidentId], []]) {
          await store.incidents.move(incidentId, 'received', 'It is back.', { cause: 'model_back' });
          expect(await store.diagnoses.fellBack(query)).toEqual([]);
          await diagnose();
          expect(await store.diagnoses.fellBack(query)).toEqual(left);
        }
      });

      it('needs its incident and its pattern', async () => {
        const { id: patternId } = await pattern();
        await expect(
          store.diagnoses.save(diagnosis({ incidentId: NOBODY, projectId, patternId })),
        ).rejects.toMatchObject({ code: 'incident_not_found' });
        await expect(
          store.diagnoses.save(diagnosis({ incidentId, projectId, patternId: NOBODY })),
        ).rejects.toMatchObject({ code: 'invalid_input' });
      });
    });

    describe('an archived log', () => {
      it('is kept an attempt, byte by byte, with its report; saved again it is replaced', async () => {
        const first = archivedLog(incidentId);
        const second = archivedLog(incidentId, { attempt: 2, truncated: true, gzip: new Uint8Array() });
        await store.logs.save(first);
        await store.logs.save(second);
        expect(await store.logs.find(incidentId, 1)).toEqual(first);
        expect(await store.logs.find(incidentId, 2)).toEqual(second);
        await store.logs.save({ ...first, lines: 99 });
        expect(await store.logs.find(incidentId, 1)).toEqual({ ...first, lines: 99 });
        expect(await store.logs.find(incidentId, 3)).toBeNull();
        expect(await store.logs.find('nonsense', 1)).toBeNull();
      });

      it('is of an incident that exists', async () => {
        for (const id of [NOBODY, 'nonsense']) {
          await expect(store.logs.save(archivedLog(id))).rejects.toMatchObject({
            code: 'incident_not_found',
          });
        }
      });

      it('takes a report with characters that a database can’t hold', async () => {
        const { report, ...log } = archivedLog(incidentId);
        await store.logs.save({ ...log, report: { ...report, excerpt: 'a\0b \ud800', signature: '\0' } });
        expect((await store.logs.find(incidentId, 1))?.report.fingerprint).toBe('f1');
      });
    });
  });
}
