import { hashOf } from '@app/cache';
import type { LlmProviderConfig } from '@app/config';
import {
  matchesOnePlace,
  type Answer,
  type Cache,
  type CacheKey,
  type CacheOutcome,
  type CacheSaving,
  type LanguageModel,
  type Log,
  type RootCauseAnalysis,
  type Solution,
} from '@app/domain';
import { SCHEMA_VERSION } from '../answer-schemas.js';
import { keyedInput } from '../normalised-input.js';
import type { ModelCall, ModelInput } from '../operations.js';
import { briefTokens } from '../prompt-budget.js';
import { promptOf } from '../prompts/index.js';
import { withRenewedCitations } from '../renewed-citations.js';
import type { UsageRecorder } from '../usage-recorder.js';
import { AroundEachOperation } from './around-each-operation.js';

/** An answer passing through the cache's loader that must not be stored as the model's. */
class NotForTheCache extends Error {}

/**
 * Answers from the cache what the model answered before for an equal failure. Keys cover provider, model, prompt
 * version, schema version, how much of the input fits, and everything that reaches the prompt, normalised; fixes,
 * their validation and chat stay within their project. Hits are on the ledger too, at no cost.
 */
export class CachedLanguageModel extends AroundEachOperation {
  constructor(
    inner: LanguageModel,
    private readonly cache: Cache,
    private readonly usage: UsageRecorder,
    private readonly config: LlmProviderConfig & { readonly enableCache: boolean },
    private readonly log: Log,
  ) {
    super(inner);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const { options, input } = call;
    const { operation } = input;
    options.signal?.throwIfAborted();
    const key = this.keyOf(call);
    const startedAt = performance.now();
    const model = this.config.models[operation];
    const facts = { incidentId: options.incidentId, model, cacheKey: key.id };
    this.log.info(facts, `llm_${operation}_start`);
    if (!this.config.enableCache) return this.ask(call, 'bypass');
    if (options.fresh === true) return this.askAndStore(key, call, 'bypass');

    let asked: Answer<T> | undefined;
    let isLoader = false;
    let held: Answer<T>;
    let isStale: boolean;
    try {
      const load = async () => {
        isLoader = true;
        asked = await this.ask(call, 'miss');
        if (!this.isStorable(asked, input)) throw new NotForTheCache();
        return asked;
      };
      const got = await this.cache.getOrLoad(key, load, { saves: savingOf, ttlMs: options.keepMs });
      held = got.value;
      isStale = got.outcome === 'stale';
    } catch (error) {
      if (asked !== undefined) return asked;
      if (isLoader) throw error;
      // The load was another caller's, and ended in a fallback for its log or because it gave up.
      return this.ask(call, 'miss');
    }
    // The model's own answer of before, while nobody but the rules answers now.
    if (asked !== undefined && !isStale) return asked;

    const value = fitted(input, held.value);
    if (value === null) return this.askAndStore(key, call, 'miss');
    const latencyMs = Math.round(performance.now() - startedAt);
    const free = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, costUsd: 0 };
    const meta = { ...held.meta, ...free, cached: true, latencyMs };
    this.log.info({ ...facts, latencyMs, savedUsd: held.meta.costUsd }, `llm_${operation}_cache_hit`);
    await this.usage.answered({ ...call, options: { ...options, cache: 'hit' } }, meta, 'cached');
    return { value, meta };
  }

  private ask<T>(call: ModelCall<T>, cache: CacheOutcome): Promise<Answer<T>> {
    return call.ask(this.inner, { ...call.options, cache });
  }

  private async askAndStore<T>(key: CacheKey, call: ModelCall<T>, cache: CacheOutcome): Promise<Answer<T>> {
    const answer = await this.ask(call, cache);
    if (this.isStorable(answer, call.input))
      await this.cache.set(key, answer, { saves: savingOf, ttlMs: call.options.keepMs });
    return answer;
  }

  /** The asked model's own whole answer, and nobody else's. */
  private isStorable({ meta }: Answer<unknown>, { operation }: ModelInput): boolean {
    const isOwn = meta.provider === this.config.provider && meta.model === this.config.models[operation];
    return isOwn && meta.source === 'model' && meta.fallbackReason === null && meta.repair !== 'cut_off';
  }

  private keyOf({ input, options: { promptVersion } }: ModelCall<unknown>): CacheKey {
    const { operation } = input;
    const { provider } = this.config;
    const model = this.config.models[operation];
    const hash = hashOf({
      provider,
      model,
      version: promptOf(operation, promptVersion).version,
      schema: SCHEMA_VERSION,
      maxTokens: briefTokens(this.config, operation, promptVersion),
      input: keyedInput(input),
    });
    const id = `${model.replaceAll(':', '_')}:${hash}`;
    switch (input.operation) {
      case 'classify':
        return { operation: 'llm.classify', id };
      case 'root_cause':
        return { operation: 'llm.root_cause', id };
      case 'solution':
        return { operation: 'llm.solution', scope: input.context.projectId, id };
      case 'validate':
        return { operation: 'llm.validate', scope: input.context.projectId, id };
      case 'chat':
        return { operation: 'llm.chat', scope: input.question.sessionId ?? input.question.projectId, id };
    }
  }
}

/** What each later hit saves: what the answer cost. */
function savingOf({ meta }: Answer<unknown>): CacheSaving {
  return { costUsd: meta.costUsd, latencyMs: meta.latencyMs, calls: 1 };
}

/** A cached answer fitted to the log and the files at hand; null when it doesn't fit. */
function fitted<T>(input: ModelInput, value: T): T | null {
  switch (input.operation) {
    case 'classify': {
      const { keyLines } = value as { keyLines: RootCauseAnalysis['citations'] };
      const renewed = withRenewedCitations({ citations: keyLines }, input.context);
      return { ...value, keyLines: renewed?.citations ?? [] };
    }
    case 'root_cause':
      return withRenewedCitations(value as RootCauseAnalysis, input.context) as T | null;
    case 'solution': {
      const solution = value as Solution;
      const edits = solution.edits.filter((edit) => matchesOnePlace(edit, input.context.files));
      return edits.length === solution.edits.length ? value : null;
    }
    default:
      return value;
  }
}
