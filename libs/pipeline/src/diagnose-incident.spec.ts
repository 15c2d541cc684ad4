import { DEFAULT_MODEL_POLICY, ExternalFailure } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { FakeLanguageModel } from '../../../test/fakes/fake-language-model.js';
import { pipelineWorld, typescriptLog } from '../../../test/support/pipeline-world.js';

const away = new ExternalFailure('GitHub answered 502.', { code: 'github_unavailable', retryable: true });
const gone = new ExternalFailure('The log of job 11 is gone (410).', {
  code: 'github_log_gone',
  retryable: false,
});

describe('DiagnoseIncident', () => {
  it('takes a failed job to a diagnosis whose citation stands in the log', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());

    await world.run(id);

    const incident = await world.store.incidents.get(id);
    const shown = await world.store.diagnoses.ofIncident(id);
    expect(incident.status).toBe('diagnosed');
    expect(incident.category).toBe('compile_error');
    expect(shown?.reused).toBe(false);
    expect(shown?.citations).toEqual([
      expect.objectContaining({ line: 7, quote: expect.stringContaining('TS2322') }),
    ]);
    expect(world.bus.on('events:ai_analysis_completed')).toEqual([
      { incidentId: id, status: 'diagnosed', reused: false },
    ]);
  });

  it('asks no model for a failure it knows, and re-anchors the answer to the new log', async () => {
    const world = pipelineWorld();
    await world.run(await world.failJob(1, typescriptLog(10)));
    const calls = world.model.count();

    const second = await world.failJob(2, `2026-05-04T13:00:00.0000000Z Starting\n${typescriptLog(44)}`);
    await world.run(second);

    const shown = await world.store.diagnoses.ofIncident(second);
    expect(world.model.count()).toBe(calls);
    expect(shown?.reused).toBe(true);
    expect(shown?.citations[0]?.line).toBe(8);
    expect(
      (
        await world.store.patterns.find(
          (await world.store.incidents.get(second)).projectId,
          (await world.store.incidents.get(second)).fingerprint!,
        )
      )?.occurrences,
    ).toBe(2);
  });

  it('lets a known failure’s incident be found as similar, and embeds what fails alike once', async () => {
    const world = pipelineWorld();
    await world.run(await world.failJob(1, typescriptLog(10)));
    const embedded = world.embedder.calls.length;
    const second = await world.failJob(2, typescriptLog(44));
    await world.run(second);
    expect(world.embedder.calls).toHaveLength(embedded);
    expect(await world.store.similarity.embeddingOf(second)).toMatchObject({ model: world.embedder.model });

    // Where none that failed alike has one, its own is made.
    world.store.store.embeddings.clear();
    const third = await world.failJob(3, typescriptLog(50));
    await world.run(third);
    expect(world.embedder.calls).toHaveLength(embedded + 1);
    expect(await world.store.similarity.embeddingOf(third)).not.toBeNull();
  });

  it('embeds nothing of a known failure whose project lets nothing out', async () => {
    const world = pipelineWorld();
    await world.run(await world.failJob(1, typescriptLog(10)));
    const second = await world.failJob(2, typescriptLog(44));
    const { projectId } = await world.store.incidents.get(second);
    world.embedder.isOutside = true;
    await world.store.modelPolicies.set(projectId, { ...DEFAULT_MODEL_POLICY, allowsOutsideModel: false });
    await world.run(second);
    expect((await world.store.diagnoses.ofIncident(second))?.reused).toBe(true);
    expect(await world.store.similarity.embeddingOf(second)).toBeNull();
  });

  it('asks for everything anew when a person wants a fresh diagnosis, and once only', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    await world.run(id);
    const calls = world.model.count();

    await world.store.incidents.move(id, 'received', 'Again.', { by: 'ann', fresh: true });
    await world.run(id);
    expect(world.model.count()).toBe(calls * 2);
    expect(world.model.calls.slice(-calls).every(({ options }) => options?.fresh)).toBe(true);

    await world.store.incidents.move(id, 'received', 'Again.', { by: 'ann', fresh: false });
    await world.run(id);
    expect(world.model.count()).toBe(calls * 2);
  });

  it('asks again for a different failure of the same job', async () => {
    const world = pipelineWorld();
    await world.run(await world.failJob(1, typescriptLog()));
    const calls = world.model.count();
    await world.run(await world.failJob(2, typescriptLog(10, "error TS2304: Cannot find name 'totl'.")));
    expect(world.model.count()).toBe(calls * 2);
  });

  it('goes on where a killed worker stopped: nothing is downloaded or asked twice', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    // The first worker dies while the solution is being written: no release, no finish.
    const died = new Promise<never>(() => undefined);
    const reached = new Promise<void>((resolve) => {
      world.model.beforeAnswer = (operation) => {
        if (operation !== 'generateSolution') return undefined;
        resolve();
        return died;
      };
    });
    void world.run(id);
    await reached;

    world.model.beforeAnswer = () => undefined;
    world.clock.advance(31_000);
    await world.run(id);

    expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
    expect(world.ci.calls.getJobLog).toBe(1);
    expect(world.model.count('classify')).toBe(1);
    expect(world.model.count('analyzeRootCause')).toBe(1);
  });

  it('sends no text of a project outside that forbids it, not even to find similar incidents', async () => {
    const world = pipelineWorld();
    world.embedder.isOutside = true;
    const first = await world.failJob(1, typescriptLog());
    await world.run(first);
    const asked = world.embedder.calls.length;
    expect(asked).toBeGreaterThan(0);
    const { projectId } = await world.store.incidents.get(first);
    const policy = { ...DEFAULT_MODEL_POLICY, allowsOutsideModel: false };
    await world.store.modelPolicies.set(projectId, policy);
    await world.run(await world.failJob(2, typescriptLog(10, "error TS2304: Cannot find name 'totl'.")));
    expect(world.embedder.calls).toHaveLength(asked);
  });

  it('leaves an incident alone that another worker holds', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    await world.store.progress.claim(id, 30_000);
    await world.run(id);
    expect(world.ci.calls.getJobLog).toBe(0);
  });

  it('hands a passing failure back for a retry, and gives up with the reason at the last one', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    world.ci.fail('getJobLog', away, 2);

    await expect(world.run(id)).rejects.toBe(away);
    expect((await world.store.incidents.get(id)).status).toBe('received');

    await world.run(id, true);
    expect(await world.store.incidents.get(id)).toMatchObject({
      status: 'diagnosis_failed',
      statusReason: 'GitHub answered 502.',
    });
  });

  it('is not given up for being handed back often: a long outage ends in a diagnosis', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    world.ci.fail('getJobLog', away, 60);
    for (let tried = 0; tried < 60; tried++) {
      await expect(world.run(id, false, undefined, tried)).rejects.toBe(away);
    }
    await world.run(id, false, undefined, 60);
    expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
  });

  it('gives up on an error that nobody foresaw after a few tries', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    world.ci.fail('getJobLog', new TypeError('x is not a function'), 6);
    for (let tried = 0; tried < 5; tried++) {
      await expect(world.run(id, false, undefined, tried)).rejects.toThrow(TypeError);
    }
    await world.run(id, false, undefined, 5);
    expect((await world.store.incidents.get(id)).status).toBe('diagnosis_failed');
  });

  it('fails at once, with the reason, when the log is gone', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    world.ci.fail('getJobLog', gone);
    world.ci.fail('getArchivedLog', gone);
    await world.run(id);
    expect(await world.store.incidents.get(id)).toMatchObject({
      status: 'diagnosis_failed',
      statusReason: 'The log of job 11 is gone (410).',
    });
  });

  it('hands the incident back when the worker shuts down', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    const shutdown = new AbortController();
    world.model.beforeAnswer = () => shutdown.abort(new Error('shutting down'));
    await expect(world.run(id, false, shutdown.signal)).rejects.toThrow('shutting down');
    expect((await world.store.incidents.get(id)).status).toBe('received');
  });

  it('stops quietly when a newer attempt takes the incident over', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    let interrupted = false;
    world.model.beforeAnswer = async () => {
      if (interrupted) return;
      interrupted = true;
      await world.failJob(1, typescriptLog(20), 2);
    };

    await world.run(id);
    expect(await world.store.incidents.get(id)).toMatchObject({
      status: 'received',
      latestAttempt: 2,
      occurrences: 2,
    });

    await world.run(id);
    expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
  });

  it('drops citations that do not stand in the log, and says that the evidence is insufficient', async () => {
    const model = new FakeLanguageModel();
    model.answers = { rootCause: { citations: [{ evidenceId: 'E1', quote: 'a line nobody printed' }] } };
    const world = pipelineWorld(model);
    const id = await world.failJob(1, typescriptLog());
    await world.run(id);
    const shown = await world.store.diagnoses.ofIncident(id);
    expect(shown?.citations).toEqual([]);
    expect(shown?.diagnosis.state).toBe('insufficient_evidence');
    expect(shown?.diagnosis.rootCause.citations).toEqual([]);
  });

  it('does without similar incidents when they cannot be searched', async () => {
    const world = pipelineWorld();
    world.embedder.fail(new Error('embedder away'));
    const id = await world.failJob(1, typescriptLog());
    await world.run(id);
    expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
    expect(world.log.entries.map(({ event }) => event)).toContain('similar_incidents_unavailable');
  });

  it('gives an incident up that keeps killing its workers', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    world.ci.beforeAnswer = () => new Promise<never>(() => undefined);
    for (let death = 0; death < 25; death++) {
      void world.run(id);
      await new Promise((resolve) => setImmediate(resolve));
      world.clock.advance(31_000);
    }
    await world.run(id);
    expect((await world.store.incidents.get(id)).status).toBe('diagnosis_failed');
  });
});
