import { hashOf } from '@app/cache';
import {
  Cache,
  LanguageModel,
  type Answer,
  type CacheKey,
  type CallOptions,
  type Classification,
  type FailureContext,
  type Log,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import { SCHEMA_VERSION } from '../answer-schemas.js';
import { masked, normalisedInput } from '../normalised-input.js';
import { CACHE_OPERATION_OF, type ModelName, type Operation } from '../operations.js';
import { PROMPTS } from '../prompts/index.js';
import { withRenewedCitations } from '../renewed-citations.js';
import type { UsageRecorder } from '../usage-recorder.js';

interface Question<T> {
  readonly operation: Operation;
  readonly context: FailureContext;
  /** What reaches the prompt, normalised. */
  readonly input: Record<string, unknown>;
  readonly options: CallOptions | undefined;
  readonly ask: () => Promise<Answer<T>>;
  /** Fits a cached answer to the log at hand; null when it doesn't fit. */
  readonly fit?: (value: T) => T | null;
}

/** A fallback answer passing through the cache's loader: it must not be stored as the model's. */
class NotForTheCache extends Error {}

/**
 * Answers from the cache what the model answered before for an equal failure. Keys cover provider, model, prompt
 * version, schema version and everything that reaches the prompt, normalised; fixes and their validation stay within
 * their project. Hits are on the ledger too, at no cost.
 */
export class CachedLanguageModel implements LanguageModel {
  constructor(
    private readonly inner: LanguageModel,
    private readonly cache: Cache,
    private readonly usage: UsageRecorder,
    private readonly name: ModelName,
    private readonly log: Log,
  ) {}

  identity(): string {
    return this.inner.identity();
  }

  classify(context: FailureContext, options?: CallOptions): Promise<Answer<Classification>> {
    return this.answer({
      operation: 'classify',
      context,
      options,
      input: normalisedInput(context),
      ask: () => this.inner.classify(context, options),
    });
  }

  analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: CallOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    const { category, determinism, attribution } = classification;
    return this.answer({
      operation: 'root_cause',
      context,
      options,
      input: { ...normalisedInput(context), classification: { category, determinism, attribution } },
      ask: () => this.inner.analyzeRootCause(context, classification, options),
      fit: (value) => withRenewedCitations(value, context),
    });
  }

  generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: CallOptions,
  ): Promise<Answer<Solution>> {
    return this.answer({
      operation: 'solution',
      context,
      options,
      input: { ...projectInput(context), cause: masked(rootCause.primaryCause) },
      ask: () => this.inner.generateSolution(context, rootCause, options),
    });
  }

  validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: CallOptions,
  ): Promise<Answer<Validation>> {
    return this.answer({
      operation: 'validate',
      context,
      options,
      input: { ...projectInput(context), cause: masked(rootCause.primaryCause), solution },
      ask: () => this.inner.validateRemediation(context, rootCause, solution, options),
    });
  }

  private async answer<T>(question: Question<T>): Promise<Answer<T>> {
    const { operation, options, ask } = question;
    options?.signal?.throwIfAborted();
    const key = this.keyOf(question);
    const startedAt = performance.now();
    const facts = { incidentId: options?.incidentId, model: this.name.model, cacheKey: key.id };
    this.log.info(facts, `llm_${operation}_start`);
    if (options?.fresh === true) return this.askAndStore(key, ask);

    let asked: Answer<T> | undefined;
    let isLoader = false;
    let held: Answer<T>;
    try {
      const load = async () => {
        isLoader = true;
        asked = await ask();
        if (!isModelAnswer(asked)) throw new NotForTheCache();
        return asked;
      };
      held = (await this.cache.getOrLoad(key, load)).value;
    } catch (error) {
      if (asked !== undefined) return asked;
      if (isLoader) throw error;
      // The load was another caller's, and ended in a fallback for its log or because it gave up.
      return ask();
    }
    if (asked !== undefined) return asked;

    const value = question.fit === undefined ? held.value : question.fit(held.value);
    if (value === null) return this.askAndStore(key, ask);
    const latencyMs = Math.round(performance.now() - startedAt);
    const meta = { ...held.meta, cached: true, inputTokens: 0, outputTokens: 0, costUsd: 0, latencyMs };
    this.log.info({ ...facts, latencyMs, savedUsd: held.meta.costUsd }, `llm_${operation}_cache_hit`);
    await this.usage.answered(question, meta, 'cached');
    return { value, meta };
  }

  private async askAndStore<T>(key: CacheKey, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = await ask();
    if (isModelAnswer(answer)) await this.cache.set(key, answer);
    return answer;
  }

  private keyOf({ operation, input }: Pick<Question<unknown>, 'operation' | 'input'>): CacheKey {
    const { provider, model } = this.name;
    const { version } = PROMPTS[operation];
    const hash = hashOf({ provider, model, version, schema: SCHEMA_VERSION, input });
    return { operation: CACHE_OPERATION_OF[operation], id: `${model.replaceAll(':', '_')}:${hash}` };
  }
}

/** Answers that hold repository content don't leave their project. */
function projectInput(context: FailureContext): Record<string, unknown> {
  return { ...normalisedInput(context), projectId: context.projectId, repository: context.repository };
}

function isModelAnswer({ meta }: Answer<unknown>): boolean {
  return meta.source === 'model' && meta.fallbackReason === null;
}
