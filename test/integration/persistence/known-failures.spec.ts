import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { CacheHandle } from '@app/cache';
import type { Diagnosis, PatternRef, PatternRepository } from '@app/domain';
import {
  CachedDiagnosisRepository,
  CachedFeedbackRepository,
  CachedPatternRepository,
  StoredDiagnosisCopies,
} from '@app/persistence';
import { FakeLanguageModel } from '../../fakes/fake-language-model.js';
import type { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../../fakes/recording-log.js';
import { pipelineWorld, typescriptLog } from '../../support/pipeline-world.js';
import { sharedCache } from '../../support/shared-cache.js';

describe('a known failure', () => {
  let prefix: string;
  let here: CacheHandle;
  let there: CacheHandle;
  let log: RecordingLog;

  beforeEach(async () => {
    prefix = `test-${randomUUID()}`;
    [here, there] = [
      await sharedCache(inject('redisUrl'), prefix),
      await sharedCache(inject('redisUrl'), prefix),
    ];
    log = new RecordingLog();
  });

  afterEach(async () => {
    await here.cache.clear();
    await Promise.all([here.close(), there.close()]);
  });

  const behindCopies = ({ cache }: CacheHandle, store: InMemoryPersistence) => {
    const copies = new StoredDiagnosisCopies(cache);
    return {
      patterns: new CachedPatternRepository(store.patterns, copies, log),
      diagnoses: new CachedDiagnosisRepository(store.diagnoses, copies),
      feedback: new CachedFeedbackRepository(store.feedback, copies),
    };
  };
  const diagnosed = () => {
    const world = pipelineWorld(new FakeLanguageModel(), (store) => behindCopies(here, store));
    const queries = vi.spyOn(world.store.patterns, 'findDiagnosis');
    let runs = 0;
    const occur = async () => {
      const id = await world.failJob((runs += 1), typescriptLog(10 + runs));
      await world.run(id);
      return id;
    };
    return { world, queries, occur };
  };
  const patternOf = async (world: ReturnType<typeof diagnosed>['world'], id: string) => {
    const { projectId, fingerprint } = await world.store.incidents.get(id);
    return (await world.store.patterns.find(projectId, fingerprint!))!;
  };

  it('asks no model and, from the third occurrence on, no database for its diagnosis', async () => {
    const { world, queries, occur } = diagnosed();
    const first = await occur();
    const calls = world.model.count();
    expect([calls, queries.mock.calls.length]).toEqual([4, 1]);
    await occur();
    expect(queries).toHaveBeenCalledTimes(2);
    const third = await occur();
    expect(queries).toHaveBeenCalledTimes(2);
    expect(world.model.count()).toBe(calls);

    const shown = (await world.store.diagnoses.ofIncident(third))!;
    expect(shown.reused).toBe(true);
    expect(shown.diagnosis).toEqual((await world.store.diagnoses.ofIncident(first))!.diagnosis);
    const { id: diagnosisId, projectId } = shown.diagnosis;
    const { fingerprint } = await world.store.incidents.get(third);
    const facts = { diagnosisId, projectId, cacheKey: `analysis:${fingerprint}` };
    expect(log.of('project_analysis_cache_hit')).toEqual([facts]);
  });

  it('is answered from the copy that another process made', async () => {
    const { world, occur } = diagnosed();
    const id = await occur();
    await occur();
    const query = vi.fn<PatternRepository['findDiagnosis']>();
    world.store.patterns.findDiagnosis = query;
    const found = await behindCopies(there, world.store).patterns.findDiagnosis(
      await patternOf(world, id),
      await world.model.identity(),
    );
    expect(found).toEqual((await world.store.diagnoses.ofIncident(id))!.diagnosis);
    expect(found!.createdAt).toBeInstanceOf(Date);
    expect(query).not.toHaveBeenCalled();
  });

  type Change = (
    stores: ReturnType<typeof behindCopies>,
    pattern: PatternRef,
    made: Diagnosis,
  ) => Promise<unknown>;
  it.each<[string, Change]>([
    ['it was said to be wrong', ({ patterns }, pattern) => patterns.invalidateDiagnosis(pattern)],
    [
      'a person found it wrong',
      ({ feedback }, { projectId }, { id, patternId, incidentId, rootCause, solution }) =>
        feedback.record({
          id: randomUUID(),
          projectId,
          incidentId,
          patternId,
          diagnosisId: id,
          rootCause: 'wrong',
          solution: 'not_tried',
          actualCause: 'The moon.',
          note: null,
          judgedCause: rootCause.primaryCause,
          judgedSolution: solution.summary,
          givenBy: 'ann',
          givenAt: new Date(),
        }),
    ],
    ['a newer one is stored', ({ diagnoses }, _, made) => diagnoses.save({ ...made, costUsd: 7 })],
  ])('is asked of the database again once, in another process, %s', async (_, change) => {
    const { world, queries, occur } = diagnosed();
    const id = await occur();
    const pattern = await patternOf(world, id);
    await occur();
    const { diagnosis } = (await world.store.diagnoses.ofIncident(id))!;
    await change(behindCopies(there, world.store), pattern, diagnosis);
    const before = queries.mock.calls.length;
    const stores = behindCopies(here, world.store);
    const analyst = await world.model.identity();
    await vi.waitFor(
      async () => {
        await stores.patterns.findDiagnosis(pattern, analyst);
        expect(queries.mock.calls.length).toBeGreaterThan(before);
      },
      { timeout: 10_000 },
    );
    expect(await stores.patterns.findDiagnosis(pattern, analyst)).toEqual(
      await world.store.patterns.findDiagnosis(pattern, analyst),
    );
  });

  it('is no answer for another model or another version of a prompt', async () => {
    const { world, occur } = diagnosed();
    await occur();
    const id = await occur();
    const { patterns } = behindCopies(here, world.store);
    expect(await patterns.findDiagnosis(await patternOf(world, id), 'another:2')).toBeNull();
  });

  it('keeps no copy of what was overtaken while it was read', async () => {
    const { world, occur } = diagnosed();
    const id = await occur();
    const pattern = await patternOf(world, id);
    const { patterns } = behindCopies(here, world.store);
    const analyst = await world.model.identity();
    const read = world.store.patterns.findDiagnosis.bind(world.store.patterns);
    world.store.patterns.findDiagnosis = async (...asked) => {
      const old = await read(...asked);
      world.store.patterns.findDiagnosis = read;
      await patterns.invalidateDiagnosis(pattern);
      return old;
    };
    await patterns.findDiagnosis(pattern, analyst);
    expect(await patterns.findDiagnosis(pattern, analyst)).toBeNull();
  });
});
