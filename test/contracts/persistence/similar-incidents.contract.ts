import { InvalidInput, type FailedJob, type PatternSighting, type SimilarityQuery } from '@app/domain';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  diagnosis,
  NOBODY,
  openOne,
  sighting,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

/** A vector that points along one axis, and `lean` along the next. */
function vector(axis: number, lean = 0): Float32Array {
  const values = new Float32Array(768);
  values[axis] = 1;
  values[axis + 1] = lean;
  return values;
}

const HOUR_MS = 3_600_000;

/** What is found by nearness and by words, for whom, and in which order. */
export function similarIncidentsContract(name: string, openEmpty: OpenEmpty): void {
  describe(`similar incidents: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });

    let runs = 0;
    const opened = async (
      embedding: Float32Array,
      seen: Partial<PatternSighting> | null = null,
      job: Partial<FailedJob> = {},
    ) => {
      runs += 1;
      const incident = await openOne(store, { runId: runs, ...job });
      if (seen !== null) await store.patterns.recordSighting(sighting(incident, seen));
      await store.similarity.index(incident.incidentId, 'm', embedding);
      return incident;
    };
    const resolve = (incidentId: string, facts = {}) =>
      store.incidents.move(incidentId, 'resolved', 'It passed.', facts);
    const ids = async (query: SimilarityQuery): Promise<string[]> =>
      (await store.similarity.find(query)).map(({ incidentId }) => incidentId);

    it('are the nearest of the caller’s own projects, above the threshold, with what is known of them', async () => {
      const near = await opened(vector(0, 0.5));
      const nearer = await opened(vector(0, 0.1));
      await opened(vector(9));
      const foreign = await opened(vector(0), null, {
        repository: { host: 'github.com', owner: 'o', name: 'other' },
      });

      const pattern = await store.patterns.recordSighting(sighting(nearer));
      const made = diagnosis({ ...nearer, patternId: pattern.id });
      await store.diagnoses.save(made);
      const claim = await store.progress.claim(nearer.incidentId, 1_000);
      const outcome = { reason: null, diagnosisId: made.id, citations: [], reused: false, facts: {} };
      await store.progress.finish(claim!, { status: 'diagnosed', ...outcome });
      await resolve(nearer.incidentId, { verified: true });

      const query = { projectIds: [near.projectId], embedding: vector(0) };
      expect(await store.similarity.find(query)).toEqual([
        {
          incidentId: nearer.incidentId,
          projectId: nearer.projectId,
          score: expect.closeTo(1 / Math.hypot(1, 0.1), 5) as number,
          category: 'compile_error',
          rootCause: made.rootCause.primaryCause,
          solution: made.solution.summary,
          resolved: true,
          verified: true,
        },
        {
          incidentId: near.incidentId,
          projectId: near.projectId,
          score: expect.closeTo(1 / Math.hypot(1, 0.5), 5) as number,
          category: null,
          rootCause: null,
          solution: null,
          resolved: false,
          verified: false,
        },
      ]);
      expect(await ids({ ...query, excludeIncidentId: nearer.incidentId })).toEqual([near.incidentId]);
      expect(await ids({ ...query, limit: 1 })).toEqual([nearer.incidentId]);
      expect(await ids({ ...query, threshold: 0.95 })).toEqual([nearer.incidentId]);
      expect(await ids({ ...query, threshold: 0 })).toHaveLength(3);
      expect(await ids({ ...query, projectIds: [] })).toEqual([]);
      expect(await ids({ ...query, projectIds: [foreign.projectId] })).toEqual([foreign.incidentId]);
      expect(await ids({ ...query, projectIds: null })).toHaveLength(3);
    });

    it('share the embedding of what failed alike, of the same model', async () => {
      const first = await opened(vector(0));
      const second = await opened(vector(7));
      await store.patterns.recordSighting(sighting(first, { fingerprint: 'alike' }));
      const { incidentId } = await openOne(store, { runId: 77 });
      expect(await store.similarity.indexAlike(incidentId, 'm')).toBe(false);
      await store.patterns.recordSighting(sighting({ ...second, incidentId }, { fingerprint: 'alike' }));
      expect(await store.similarity.indexAlike(incidentId, 'another')).toBe(false);
      expect(await store.similarity.embeddingOf(incidentId)).toBeNull();
      expect(await store.similarity.indexAlike(incidentId, 'm')).toBe(true);
      const found = await ids({ projectIds: null, embedding: vector(0) });
      expect(found.toSorted()).toEqual([first.incidentId, incidentId].toSorted());
    });

    it('are found by the embedding that was stored last', async () => {
      const { incidentId, projectId } = await opened(vector(0));
      await store.similarity.index(incidentId, 'm', vector(5));
      const find = (axis: number) => ids({ projectIds: [projectId], embedding: vector(axis) });
      expect(await find(0)).toEqual([]);
      expect(await find(5)).toEqual([incidentId]);
    });

    it('are of the embedder that is asked for, if one is', async () => {
      const { incidentId, projectId } = await opened(vector(0));
      const find = (model?: string) => ids({ projectIds: [projectId], embedding: vector(0), model });
      expect([await find('m'), await find('new'), await find()]).toEqual([[incidentId], [], [incidentId]]);
    });

    it('are of the category, the end and the time that are asked for', async () => {
      const open = await opened(vector(0), { fingerprint: 'a', category: 'network' });
      const resolved = await opened(vector(0, 0.1), { fingerprint: 'b', category: 'dependency' });
      const verified = await opened(
        vector(0, 0.2),
        { fingerprint: 'c', category: 'dependency' },
        { failedAt: new Date(store.clock.now().getTime() - 5 * HOUR_MS) },
      );
      await resolve(resolved.incidentId);
      await resolve(verified.incidentId, { verified: true });
      const query = { projectIds: [open.projectId], embedding: vector(0) };
      expect(await ids({ ...query, category: 'network' })).toEqual([open.incidentId]);
      expect(await ids({ ...query, category: 'quality' })).toEqual([]);
      expect(await ids({ ...query, resolvedOnly: true })).toEqual([resolved.incidentId, verified.incidentId]);
      expect(await ids({ ...query, verifiedOnly: true })).toEqual([verified.incidentId]);
      expect(await ids({ ...query, withinMs: HOUR_MS })).toEqual([open.incidentId, resolved.incidentId]);
      // It fails again: what was seen to pass has failed since.
      await store.incidents.move(verified.incidentId, 'received', 'It failed again.');
      expect(await ids({ ...query, verifiedOnly: true })).toEqual([]);
    });

    it('that share the rare words of the text come first among those about as near', async () => {
      const other = await opened(vector(0, 0.1), {
        fingerprint: 'a',
        signature: 'Cannot find module ramda in <path>',
      });
      const same = await opened(vector(0, 0.11), {
        fingerprint: 'b',
        signature: 'Cannot find module left-pad in <path>',
      });
      const query = { projectIds: [other.projectId], embedding: vector(0) };
      expect(await ids(query)).toEqual([other.incidentId, same.incidentId]);
      expect(await ids({ ...query, text: "leftover: 'pad' of left-pad" })).toEqual([
        same.incidentId,
        other.incidentId,
      ]);
      // Words say nothing of what is too far away.
      expect(await ids({ ...query, text: 'left-pad', embedding: vector(9) })).toEqual([]);
    });

    it('give the embedding back that an incident was indexed with', async () => {
      const { incidentId } = await opened(vector(3, 0.25), { signature: 'the signature' });
      expect(await store.similarity.embeddingOf(incidentId)).toEqual({
        model: 'm',
        embedding: vector(3, 0.25),
        text: 'the signature',
      });
      expect(await store.similarity.embeddingOf(NOBODY)).toBeNull();
      expect(await store.similarity.embeddingOf('nonsense')).toBeNull();
    });

    it('need an embedding of the right size, of numbers, that points somewhere', async () => {
      const { incidentId, projectId } = await openOne(store);
      const broken = [new Float32Array(3).fill(1), new Float32Array(768), vector(0).fill(NaN, 3, 4)];
      for (const embedding of broken) {
        await expect(store.similarity.index(incidentId, 'm', embedding)).rejects.toBeInstanceOf(InvalidInput);
        await expect(ids({ projectIds: [projectId], embedding })).rejects.toBeInstanceOf(InvalidInput);
      }
      await expect(store.similarity.index(NOBODY, 'm', vector(0))).rejects.toMatchObject({
        code: 'incident_not_found',
      });
      expect(await store.similarity.embeddingOf(incidentId)).toBeNull();
    });

    it.each<[string, Partial<SimilarityQuery>]>([
      ['an empty text', { text: ' \n' }],
      ['a threshold below 0', { threshold: -0.1 }],
      ['a threshold above 1', { threshold: 1.1 }],
      ['a threshold that is no number', { threshold: NaN }],
      ['a limit of none', { limit: 0 }],
      ['a limit without an end', { limit: Infinity }],
      ['a limit beyond reason', { limit: 101 }],
    ])('are not searched with %s', async (_, changes) => {
      const query = { projectIds: null, embedding: vector(0), ...changes };
      await expect(ids(query)).rejects.toBeInstanceOf(InvalidInput);
    });

    it('are none for texts without words, and of any characters', async () => {
      const { projectId, incidentId } = await opened(vector(0));
      for (const text of [`' \\ | & ! :* <->`, '\0 zero', '🙂 \ud800', "it's (a) 'quote'", 'a b c'])
        expect(await ids({ projectIds: [projectId], embedding: vector(0), text })).toEqual([incidentId]);
    });

    it('never cross the projects that are asked for, whatever is asked and stored', async () => {
      const projects = ['one', 'two', 'three', 'four'];
      const stored: { incidentId: string; projectId: string; axis: number; category: string }[] = [];
      const categories = ['network', 'dependency'] as const;
      for (let index = 0; index < 24; index += 1) {
        const axis = index % 3;
        const category = categories[index % 2]!;
        const incident = await opened(
          vector(axis, index / 100),
          { fingerprint: `f${index}`, category, signature: `word${index % 5} shared` },
          { repository: { host: 'github.com', owner: 'o', name: projects[index % 4]! } },
        );
        if (index % 3 === 0) await resolve(incident.incidentId);
        stored.push({ ...incident, axis, category });
      }
      const known = [...new Set(stored.map(({ projectId }) => projectId))];
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            projectIds: fc.option(fc.subarray([...known, NOBODY, 'nonsense'])),
            axis: fc.nat(2),
            category: fc.option(fc.constantFrom(...categories), { nil: undefined }),
            text: fc.option(fc.constantFrom('word1', 'word2 shared', 'shared', 'unheard'), {
              nil: undefined,
            }),
          }),
          async ({ projectIds, axis, category, text }) => {
            const query = { projectIds, embedding: vector(axis), category, text, limit: 100, threshold: 0.9 };
            const expected = stored.filter(
              (each) =>
                (projectIds === null || projectIds.includes(each.projectId)) &&
                each.axis === axis &&
                (category === undefined || each.category === category),
            );
            const found = await ids(query);
            expect(found.toSorted()).toEqual(expected.map(({ incidentId }) => incidentId).toSorted());
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}
