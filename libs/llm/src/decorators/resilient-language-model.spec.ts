import { beforeEach, describe, expect, it } from 'vitest';
import { ExternalFailure, type LanguageModel } from '@app/domain';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { FakeLanguageModel } from '../../../../test/fakes/fake-language-model.js';
import { InMemoryPersistence } from '../../../../test/fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { failureContext } from '../../../../test/support/failure-context.js';
import { allModels } from '../../../../test/support/llm-config.js';
import { UnusableAnswer } from '../openai/llm-failure.js';
import { Floor } from '../floor.js';
import { ProviderHealth } from '../provider-health.js';
import { UsageRecorder } from '../usage-recorder.js';
import { FallingBackLanguageModel } from './falling-back-language-model.js';
import { ResilientLanguageModel, type ResilienceOptions } from './resilient-language-model.js';

const clock = { now: () => new Date('2026-11-20T12:00:00Z') };
const away = new ExternalFailure('The server answered 502.', { code: 'llm_unavailable', retryable: true });
const refused = new ExternalFailure('The key was refused.', { code: 'llm_unauthorized', retryable: false });
const limited = (retryAfterMs: number) =>
  new ExternalFailure('Too often.', { code: 'llm_rate_limited', retryable: true, retryAfterMs });
const highest = () => 0.999;

describe('ResilientLanguageModel', () => {
  let inner: FakeLanguageModel;
  let floor: FakeLanguageModel;
  let log: RecordingLog;
  let cache: FakeCache;
  let store: InMemoryPersistence;

  beforeEach(() => {
    inner = new FakeLanguageModel();
    floor = new FakeLanguageModel({ source: 'rules', costUsd: 0 });
    log = new RecordingLog();
    cache = new FakeCache();
    store = new InMemoryPersistence(clock);
  });

  const build = (options: Partial<ResilienceOptions> = {}, model: LanguageModel = inner) =>
    new FallingBackLanguageModel(
      [{ model: resilient(options, model), isOutside: true }],
      new Floor(floor, new UsageRecorder(store.usage, clock, log), log),
    );

  const resilient = (options: Partial<ResilienceOptions>, model: LanguageModel) =>
    new ResilientLanguageModel(
      model,
      { provider: 'fake', models: allModels('fake-model') },
      { maxAttempts: 3, deadlineMs: 5_000, backoffBaseMs: 1, ...options },
      new ProviderHealth('fake', cache, clock, log),
      log,
    );

  it('tries again what may pass, numbering the tries', async () => {
    inner.fail('classify', away, 2);
    const { meta } = await build().classify(failureContext());
    expect(meta).toMatchObject({ source: 'model', fallbackReason: null });
    expect(inner.calls.map(({ options }) => (options as { attempt: number }).attempt)).toEqual([1, 2, 3]);
    expect(floor.count()).toBe(0);
  });

  it('answers from the floor when the tries are used up, says why, and puts it on the ledger', async () => {
    inner.fail('classify', away, 3);
    const { meta } = await build().classify(failureContext(), { incidentId: 'i-1' });
    expect(meta).toMatchObject({
      source: 'rules',
      fallbackReason: 'llm_unavailable: The server answered 502.',
    });
    expect(inner.count()).toBe(3);
    expect(await store.usage.ofIncident('i-1')).toMatchObject({ calls: 1, costUsd: 0 });
    expect(log.of('llm_fallback')).toMatchObject([{ operation: 'classify', incidentId: 'i-1' }]);
  });

  it('falls back for each operation', async () => {
    const model = build();
    const context = failureContext();
    const { value } = await model.classify(context);
    for (const operation of ['analyzeRootCause', 'generateSolution', 'validateRemediation'] as const) {
      inner.fail(operation, refused);
    }
    const cause = await model.analyzeRootCause(context, value);
    const solution = await model.generateSolution(context, cause.value);
    const validation = await model.validateRemediation(context, cause.value, solution.value);
    for (const { meta } of [cause, solution, validation]) {
      expect(meta).toMatchObject({
        source: 'rules',
        fallbackReason: 'llm_unauthorized: The key was refused.',
      });
    }
  });

  it('asks once when no retry can help', async () => {
    inner.fail('classify', refused, 3);
    await build().classify(failureContext());
    expect(inner.count()).toBe(1);
  });

  it('waits as long as the server says', async () => {
    inner.fail('classify', limited(60));
    const startedAt = performance.now();
    expect((await build().classify(failureContext())).meta.source).toBe('model');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(58);
  });

  it('falls back at once when the server names a pause beyond the deadline', async () => {
    inner.fail('classify', limited(3_600_000));
    const { meta } = await build().classify(failureContext());
    expect(meta.fallbackReason).toBe('llm_rate_limited: Too often.');
    expect(inner.count()).toBe(1);
  });

  it('spreads its pauses at random up to a limit that doubles', async () => {
    inner.fail('classify', away, 3);
    await build({ maxAttempts: 4, backoffBaseMs: 10, random: highest }).classify(failureContext());
    expect(log.of('llm_attempt_failed').map(({ pauseMs }) => pauseMs)).toEqual([10, 20, 40]);
  });

  it('falls back when no answer comes within the deadline', async () => {
    inner.beforeAnswer = () =>
      new Promise((_, reject) => {
        const { signal } = inner.calls.at(-1)!.options!;
        signal!.addEventListener('abort', () => reject(signal!.reason as Error));
      });
    const { meta } = await build({ deadlineMs: 40 }).classify(failureContext());
    expect(meta).toMatchObject({ source: 'rules', fallbackReason: 'llm_timeout: no answer within 40 ms' });
  });

  it('leaves a model alone that failed five times in a row, and comes back to it', async () => {
    inner.fail('classify', away, 5);
    const model = build({ maxAttempts: 1, breakerPauseMs: 30 });
    for (let i = 0; i < 5; i += 1) await model.classify(failureContext());
    const { meta } = await model.classify(failureContext());
    expect(meta.fallbackReason).toMatch(/^llm_away: /);
    expect(inner.count()).toBe(5);
    expect(log.of('llm_breaker_opened')).toHaveLength(1);

    await expect
      .poll(async () => (await model.classify(failureContext())).meta.source, { timeout: 10_000 })
      .toBe('model');
    expect(log.of('llm_breaker_closed')).toHaveLength(1);
  });

  it('does not leave a model alone for answers that could not be used', async () => {
    inner.fail(
      'classify',
      new UnusableAnswer('no JSON', { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 }),
      20,
    );
    const model = build({ maxAttempts: 2 });
    for (let i = 0; i < 10; i += 1) await model.classify(failureContext());
    expect(inner.count()).toBe(20);
  });

  it("stops trying when the caller gives up, with the signal's reason", async () => {
    inner.fail('classify', limited(4_000));
    const caller = new AbortController();
    inner.beforeAnswer = () => void setImmediate(() => caller.abort(new Error('shutting down')));
    const startedAt = performance.now();
    await expect(build().classify(failureContext(), { signal: caller.signal })).rejects.toThrow(
      'shutting down',
    );
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(floor.count()).toBe(0);
  });

  it('falls back on a defect too, and does not hide it', async () => {
    inner.fail('classify', new TypeError('undefined is not a function'));
    const { meta } = await build().classify(failureContext());
    expect(meta.fallbackReason).toBe('internal_error: undefined is not a function');
    expect(log.of('llm_internal_error')).toHaveLength(1);
  });
});
