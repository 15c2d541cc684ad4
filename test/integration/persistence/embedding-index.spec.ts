import { loadConfig } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOne, sighting } from '../../contracts/persistence/fixtures.js';
import { FakeEmbedder } from '../../fakes/fake-embedder.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const INCIDENTS = 70;

describe('the index of embeddings', () => {
  let place: FreshStore;
  let persistence: Persistence;
  let projectId: string;

  beforeAll(async () => {
    place = await freshStore();
    persistence = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }));
    for (let runId = 1; runId <= INCIDENTS; runId += 1) {
      const opened = await openOne(persistence, { runId });
      const words = { fingerprint: `f${runId}`, signature: `error number${runId} in part${runId}` };
      await persistence.patterns.recordSighting(sighting(opened, words));
      ({ projectId } = opened);
    }
  });

  afterAll(async () => {
    await persistence.close();
    await place.remove();
  });

  it.each([3_072, 1_536, 768])('is rebuilt for %i dimensions, and searched', async (dimensions) => {
    const embedder = new FakeEmbedder(dimensions);
    expect(await persistence.embeddings.rebuild(embedder)).toBe(INCIDENTS);
    expect(await persistence.embeddings.dimensions()).toBe(dimensions);
    const [embedding] = await embedder.embed(['error number7 in part7']);
    const query = { projectIds: [projectId], embedding: embedding!, limit: 1 };
    const [found] = await persistence.similarity.find(query);
    expect(found!.score).toBeCloseTo(1, 2);
    const narrow = { ...query, embedding: new Float32Array(5).fill(1) };
    await expect(persistence.similarity.find(narrow)).rejects.toThrow(`has ${dimensions} dimensions`);
  });

  it('leaves out what a project keeps from outside embedders', async () => {
    const { embeddings, modelPolicies } = persistence;
    const policy = await modelPolicies.of(projectId);
    await modelPolicies.set(projectId, { ...policy, allowsOutsideModel: false });
    const outside = Object.assign(new FakeEmbedder(), { isOutside: true });
    expect(await embeddings.rebuild(outside)).toBe(0);
    expect(await embeddings.rebuild(new FakeEmbedder())).toBe(INCIDENTS);
    await modelPolicies.set(projectId, policy);
  });

  it('of passages is rebuilt for another embedder, and keeps what a project keeps inside', async () => {
    const { knowledge, backgroundJobs, passageIndex, modelPolicies, projects } = persistence;
    const strict = await projects.ensure({ host: 'github.com', owner: 'o', name: 'strict' });
    const policy = await modelPolicies.of(strict.id);
    await modelPolicies.set(strict.id, { ...policy, allowsOutsideModel: false });
    for (const [index, of] of [projectId, strict.id, null].entries()) {
      const { job } = await knowledge.add({
        projectId: of,
        title: `Runbook ${index}`,
        origin: 'upload',
        filename: null,
        url: null,
        contentType: 'text/plain',
        sizeBytes: 1,
        contentHash: `${index}`,
        passages: Array.from({ length: 50 }, (_, position) => ({
          position,
          headings: ['Steps'],
          text: `step${position} of book${index}`,
        })),
      });
      await knowledge.publish((await backgroundJobs.begin(job!.id, 1))!);
    }
    for (const dimensions of [3_072, 768]) {
      const embedder = Object.assign(new FakeEmbedder(dimensions), { isOutside: true });
      expect(await passageIndex.rebuild(embedder)).toBe(100);
      expect(await passageIndex.dimensions()).toBe(dimensions);
      const [embedding] = await embedder.embed(['Runbook 0 › Steps\nstep7 of book0']);
      const query = { projectIds: null, text: '', embedding: embedding!, model: embedder.model, limit: 1 };
      expect(await knowledge.findPassages(query)).toMatchObject([{ position: 7, projectId }]);
      const inside = await knowledge.findPassages({ ...query, projectIds: [strict.id], limit: 50 });
      expect(inside.filter((found) => found.projectId === strict.id)).toEqual([]);
    }
  });

  it('is used for a search of more dimensions than full vectors are indexed for', async () => {
    await persistence.embeddings.rebuild(new FakeEmbedder(3_072));
    const rows: { indexdef: string }[] = await persistence.dataSource.query(
      `SELECT indexdef FROM pg_indexes WHERE indexname = 'incident_embeddings_vector_idx'`,
    );
    expect(rows[0]!.indexdef).toContain('halfvec(3072)');
    await persistence.embeddings.rebuild(new FakeEmbedder());
  });
});
