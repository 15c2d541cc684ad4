import { beforeEach, describe, expect, it } from 'vitest';
import type { LlmConfig } from '@app/config';
import { ExternalFailure } from '@app/domain';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { FakeLanguageModel } from '../../../../test/fakes/fake-language-model.js';
import { InMemoryPersistence } from '../../../../test/fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { failureContext } from '../../../../test/support/failure-context.js';
import { allModels, llmConfig } from '../../../../test/support/llm-config.js';
import { UsageRecorder } from '../usage-recorder.js';
import { CachedLanguageModel } from './cached-language-model.js';

const clock = { now: () => new Date('2026-11-20T12:00:00Z') };
const name = llmConfig('http://127.0.0.1:1/v1', { provider: 'fake', models: allModels('fake-model') });
const options = { incidentId: 'i-2' };
/** The same failure in another run: other times and positions. */
const again = failureContext({}, 44);
/** The decisive line of the run of that minute. */
const quote = (minute: number) =>
  `2026-11-20T10:${minute}:31.1234567Z src/basket.ts(${minute},7): error TS2322: Type 'string' is not assignable to type 'number'.`;

describe('CachedLanguageModel', () => {
  let inner: FakeLanguageModel;
  let cache: FakeCache;
  let log: RecordingLog;
  let store: InMemoryPersistence;
  let model: CachedLanguageModel;

  beforeEach(() => {
    inner = new FakeLanguageModel({ costUsd: 0.002 });
    cache = new FakeCache();
    log = new RecordingLog();
    store = new InMemoryPersistence(clock);
    model = build();
  });

  const build = (changed: Partial<LlmConfig> = {}) =>
    new CachedLanguageModel(
      inner,
      cache,
      new UsageRecorder(store.usage, clock, log),
      { ...name, ...changed },
      log,
    );

  async function diagnose(context = failureContext(), through = model) {
    const classification = await through.classify(context, options);
    const rootCause = await through.analyzeRootCause(context, classification.value, options);
    const solution = await through.generateSolution(context, rootCause.value, options);
    const validation = await through.validateRemediation(context, rootCause.value, solution.value, options);
    return [classification, rootCause, solution, validation];
  }

  it('asks the model once for a failure, whatever run it comes from', async () => {
    const first = await diagnose();
    const second = await diagnose(again);
    expect(inner.count()).toBe(4);
    expect(first.map(({ meta }) => meta.cached)).toEqual([false, false, false, false]);
    expect(second.map(({ meta }) => [meta.cached, meta.costUsd, meta.inputTokens])).toEqual(
      Array.from({ length: 4 }, () => [true, 0, 0]),
    );
    expect(second[0]!.value).toEqual(first[0]!.value);
  });

  it('keeps an answer for as long as its caller says', async () => {
    let nowMs = 0;
    cache = new FakeCache(() => nowMs);
    model = build();
    await model.classify(failureContext(), { ...options, keepMs: 1_000 });
    await model.classify(again, options);
    expect(inner.count()).toBe(1);
    nowMs = 1_001;
    await model.classify(again, options);
    expect(inner.count()).toBe(2);
  });

  it('puts hits on the ledger at no cost, and tells the log what they saved', async () => {
    await diagnose();
    await diagnose(again);
    expect(await store.usage.ofIncident('i-2')).toEqual({
      calls: 4,
      cached: 4,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
    });
    expect(log.entries.map(({ event }) => event).slice(-8)).toEqual([
      'llm_classify_start',
      'llm_classify_cache_hit',
      'llm_root_cause_start',
      'llm_root_cause_cache_hit',
      'llm_solution_start',
      'llm_solution_cache_hit',
      'llm_validate_start',
      'llm_validate_cache_hit',
    ]);
    expect(log.of('llm_classify_cache_hit')).toMatchObject([
      { incidentId: 'i-2', savedUsd: 0.002, cacheKey: cache.ids('llm.classify')[0] },
    ]);
  });

  it("keeps fixes and their validation within the project, and the model's name in every key", async () => {
    await diagnose();
    await diagnose(failureContext({ projectId: 'project-2' }));
    expect(inner.count('classify')).toBe(1);
    expect(inner.count('analyzeRootCause')).toBe(1);
    expect(inner.count('generateSolution')).toBe(2);
    expect(inner.count('validateRemediation')).toBe(2);
    expect(cache.ids('llm.classify')[0]).toMatch(/^fake-model:[0-9a-f]{32}$/);
    expect(cache.ids('llm.solution')).toHaveLength(2);
  });

  it.each([{ provider: 'openai' }, { models: allModels('another:8b') }, { contextTokens: 4_000 }])(
    'asks anew when the model, or what fits into its prompt, is another: %j',
    async (other) => {
      await model.classify(failureContext());
      await build(other).classify(failureContext());
      expect(inner.count()).toBe(2);
    },
  );

  it('makes the quotes of a cached root cause stand in the log at hand', async () => {
    inner.answers = { rootCause: { citations: [{ evidenceId: 'E1', quote: quote(10) }] } };
    await diagnose();
    const [, rootCause] = await diagnose(again);
    expect(rootCause).toMatchObject({
      meta: { cached: true },
      value: { citations: [{ evidenceId: 'E1', quote: quote(44) }] },
    });
  });

  it('asks anew when nothing a cached root cause cites stands in the log at hand', async () => {
    inner.answers = { rootCause: { citations: [{ evidenceId: 'E1', quote: 'words of an older log' }] } };
    await diagnose();
    const [, rootCause] = await diagnose(again);
    expect(inner.count('analyzeRootCause')).toBe(2);
    expect(rootCause!.meta.cached).toBe(false);
  });

  it('asks anew when told to, and stores what it gets', async () => {
    await model.classify(failureContext());
    inner.answers = { classification: { reasoning: 'On second thoughts.' } };
    const fresh = await model.classify(failureContext(), { fresh: true });
    expect(fresh.value.reasoning).toBe('On second thoughts.');
    expect((await model.classify(again)).value.reasoning).toBe('On second thoughts.');
    expect(inner.count()).toBe(2);
  });

  it.each([
    ['an answer of the rules', new FakeLanguageModel({ source: 'rules' })],
    ['a fallback', new FakeLanguageModel()],
  ])('never stores %s', async (what, rules) => {
    inner = rules;
    const realClassify = rules.classify.bind(rules);
    const fallbackReason = what === 'a fallback' ? 'llm_unavailable: away' : null;
    rules.classify = async (...args) => {
      const answer = await realClassify(...args);
      return { ...answer, meta: { ...answer.meta, fallbackReason } };
    };
    model = build();
    expect((await model.classify(failureContext())).meta.fallbackReason).toBe(fallbackReason);
    await model.classify(failureContext());
    await model.classify(failureContext(), { fresh: true });
    expect(rules.count()).toBe(3);
    expect(cache.ids('llm.classify')).toEqual([]);
  });

  it('stores no failure', async () => {
    inner.fail('classify', new ExternalFailure('away', { code: 'llm_unavailable', retryable: true }));
    await expect(model.classify(failureContext())).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect((await model.classify(failureContext())).meta.cached).toBe(false);
  });

  it('asks once for callers that come together, and counts the cost once', async () => {
    const answers = await Promise.all(
      [10, 20, 30].map((at) => model.classify(failureContext({}, at), options)),
    );
    expect(inner.count()).toBe(1);
    expect(answers.map(({ meta }) => meta.costUsd)).toEqual([0.002, 0, 0]);
  });

  it('answers a caller who waited for one that gave up', async () => {
    const quitter = new AbortController();
    inner.beforeAnswer = () => quitter.abort(new Error('shutting down'));
    const given = model.classify(failureContext(), { signal: quitter.signal });
    const patient = model.classify(again);
    await expect(given).rejects.toThrow('shutting down');
    expect((await patient).value.category).toBe('compile_error');
  });

  it('works without a cache', async () => {
    cache.away = true;
    await diagnose();
    await diagnose();
    expect(inner.count()).toBe(8);
  });
});
