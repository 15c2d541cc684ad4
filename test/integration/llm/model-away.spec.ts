import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLanguageModel, OpenAiModelHealth } from '@app/llm';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { llmConfig } from '../../support/llm-config.js';
import { llmParts } from '../../support/llm-parts.js';
import { modelAnswer } from '../../support/model-answers.js';
import { pipelineWorld, typescriptLog } from '../../support/pipeline-world.js';

const LIMIT_MS = 10_000;
const INCIDENTS = 20;
const log = (n: number) =>
  typescriptLog(10, `error TS2304: Cannot find name '${'abcdefghijklmnopqrstuvwxyz'[n]}oo'.`);

/** The whole of it: incidents through the pipeline, the real stack, real HTTP, the product's own time limits. */
describe('while the model is away', () => {
  let server: OpenAiServer;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    server.answer = modelAnswer;
  });

  afterEach(() => server.close());

  it.each([
    ['takes requests and is silent', () => void (server.isHung = true)],
    ['answers 503', () => server.fail({ kind: 'status', status: 503 }, 1_000)],
    ['cuts connections', () => server.fail({ kind: 'cut' }, 1_000)],
    ['is asked too often', () => server.fail({ kind: 'status', status: 429 }, 1_000)],
    ['refuses the key', () => void (server.requiredKey = 'another')],
  ])(
    'every incident gets a diagnosis by rules within 10 s of its turn: the model %s',
    async (_, goAway) => {
      const llm = llmConfig(server.url, { timeoutMs: 60_000, maxAttempts: 3 });
      const world = pipelineWorld(createLanguageModel({ llm }, llmParts().parts));
      goAway();
      const turns: number[] = [];
      for (let n = 0; n < INCIDENTS; n += 1) {
        const id = await world.failJob(n + 1, log(n));
        const startedAt = performance.now();
        await world.run(id);
        turns.push(performance.now() - startedAt);
        expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
        expect((await world.store.diagnoses.ofIncident(id))!.diagnosis).toMatchObject({
          source: 'rules',
          fallbackReason: expect.stringMatching(/^llm_/),
        });
      }
      expect(Math.max(...turns)).toBeLessThan(LIMIT_MS);
      // Nothing is retried without end: the model is left alone after its first failures.
      expect(server.requests.length).toBeLessThan(INCIDENTS * 4 + 1);
    },
    60_000,
  );

  it('a server that lists its models and hangs over every question holds nobody up once that is known', async () => {
    const [timeoutMs, trialPatienceMs, breakerPauseMs] = [2_500, 400, 300];
    const llm = llmConfig(server.url, { timeoutMs, maxAttempts: 3 });
    const parts = llmParts();
    const times = { silenceMs: 200, aliveLimitMs: 1_000 };
    const model = createLanguageModel({ llm }, parts.parts, { times, breakerPauseMs, trialPatienceMs });
    const world = pipelineWorld(model);
    const turn = async (n: number) => {
      const id = await world.failJob(n + 1, log(n));
      const startedAt = performance.now();
      await world.run(id);
      const { source } = (await world.store.diagnoses.ofIncident(id))!.diagnosis;
      return { ms: performance.now() - startedAt, source };
    };
    server.fail({ kind: 'silence' }, 1_000);
    const first = await turn(0);
    // Two time limits, and the rest of the four operations at once.
    expect(server.requests).toHaveLength(2);
    expect(first.ms).toBeLessThan(3 * timeoutMs);
    const asked = () => server.requests.length;
    for (let n = 1; n < 8; n += 1) {
      const { ms, source } = await turn(n);
      expect(source).toBe('rules');
      // Even whoever tries the model again doesn't wait for one time limit.
      expect(ms).toBeLessThan(timeoutMs);
    }
    let n = 8;
    await expect
      .poll(
        async () => {
          // Another failure each time: one that is diagnosed asks nobody again.
          await turn((n += 1));
          return asked();
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(2);

    // It is back, and slower than a trial is waited for: the trial that goes on finds out.
    server.recover();
    for (let times = 0; times < 4; times += 1) server.fail({ kind: 'slow', afterMs: trialPatienceMs * 2 });
    await expect.poll(async () => (await turn((n += 1))).source, { timeout: 15_000 }).toBe('model');
    const periods = {
      scope: 'all',
      period: '2026-11-20',
      limits: { costUsd: null, tokens: null, calls: null },
    };
    // What a trial that nobody waited for did cost is counted too.
    const [counted] = await parts.store.budget.state([periods]);
    const real = parts.store.store.usage.reduce((sum, { costUsd }) => sum + costUsd, 0);
    expect(counted!.used.costUsd).toBeGreaterThanOrEqual(real);
  }, 60_000);

  it('incidents are offered again when it is back, and the model diagnoses them', async () => {
    const llm = llmConfig(server.url, { maxAttempts: 1 });
    const parts = llmParts();
    const model = createLanguageModel({ llm }, parts.parts, { breakerPauseMs: 50 });
    const world = pipelineWorld(model);
    server.fail({ kind: 'status', status: 503 }, 1_000);
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.push(await world.failJob(n + 1, log(n)));
      await world.run(ids[n]!);
    }
    const sources = () =>
      Promise.all(ids.map(async (id) => (await world.store.diagnoses.ofIncident(id))!.diagnosis.source));
    expect(new Set(await sources())).toEqual(new Set(['rules']));
    expect(await parts.cache.get({ operation: 'provider', id: 'custom:health_status' })).toMatchObject({
      status: 'away',
      model: 'stand-in:8b',
    });

    server.recover();
    await expect
      .poll(
        async () => {
          world.clock.advance(60_000);
          await world.rediagnose.run();
          for (const id of ids) await world.run(id);
          return [...new Set(await sources())];
        },
        { timeout: 15_000 },
      )
      .toEqual(['model']);
    expect(await parts.cache.get({ operation: 'provider', id: 'custom:health_status' })).toMatchObject({
      status: 'ok',
    });
  });
});

describe('OpenAiModelHealth', () => {
  let server: OpenAiServer;

  beforeEach(async () => {
    server = await OpenAiServer.start();
  });

  afterEach(() => server.close());

  const check = () => new OpenAiModelHealth(llmConfig(server.url)).check();

  it('is well where the server lists its models, or says that it has no such list', async () => {
    expect(await check()).toMatchObject({ ok: true });
    server.models = null;
    expect(await check()).toMatchObject({ ok: true });
    expect(server.requests).toEqual([]);
  });

  it('says what is wrong', async () => {
    server.requiredKey = 'another';
    expect(await check()).toMatchObject({ ok: false, detail: expect.stringContaining('llm_unauthorized') });
  });

  it('does not wait for a server that is silent', async () => {
    server.isHung = true;
    expect(await check()).toMatchObject({ ok: false, detail: expect.stringContaining('llm_timeout') });
  });
});
