import { setTimeout as sleep } from 'node:timers/promises';
import { isBrokenCircuitError } from 'cockatiel';
import type { LlmProviderConfig } from '@app/config';
import { ExternalFailure, type Answer, type LanguageModel, type Log } from '@app/domain';
import { UnusableAnswer } from '../openai/llm-failure.js';
import type { AttemptOptions, Correction, ModelCall } from '../operations.js';
import type { ProviderHealth } from '../provider-health.js';
import { AroundEachOperation } from './around-each-operation.js';
import { BREAKER_FAILURES, isTimeout, ModelBreaker, TrialTakesLong } from './model-breaker.js';

const BREAKER_PAUSE_MS = 30_000;
const LONGEST_BACKOFF_MS = 10_000;
/** Asked once more with what was wrong, a model answers rightly or not at all. */
const MAX_CORRECTIONS = 1;

export interface ResilienceOptions {
  /** Tries in all, the first included. */
  readonly maxAttempts: number;
  /** For one operation with all its tries and pauses. */
  readonly deadlineMs: number;
  /** The first pause is up to this long, the next up to twice … Default 500. */
  readonly backoffBaseMs?: number;
  /** How long the model is left alone. Default 30 s. */
  readonly breakerPauseMs?: number;
  /** How long a trial of a model that was ill is waited for. Default 8 s. */
  readonly trialPatienceMs?: number;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

/**
 * Tries again what may pass (connection, 408, 409, 429, 5xx) with full jitter or after the pause the server named,
 * within a deadline; shows a model once what was wrong with an answer that can't be used; leaves a model alone that
 * keeps failing. When no answer comes it throws what the last try did, as an `ExternalFailure`.
 */
export class ResilientLanguageModel extends AroundEachOperation {
  private readonly breakers = new Map<string, ModelBreaker>();

  constructor(
    inner: LanguageModel,
    private readonly names: Pick<LlmProviderConfig, 'provider' | 'models'>,
    private readonly options: ResilienceOptions,
    private readonly health: ProviderHealth,
    private readonly log: Log,
  ) {
    super(inner);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const { signal } = call.options;
    signal?.throwIfAborted();
    const model = this.names.models[call.input.operation];
    try {
      const answer = await this.tryWithin(call, model);
      this.health.ok(model);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.explained(error, call, model);
    }
  }

  /** Own loop rather than cockatiel's retry, whose pauses don't end when the signal is aborted. */
  private async tryWithin<T>(call: ModelCall<T>, model: string): Promise<Answer<T>> {
    const { deadlineMs, maxAttempts } = this.options;
    const { operation } = call.input;
    const endsAt = performance.now() + deadlineMs;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = call.options.signal ? AbortSignal.any([call.options.signal, deadline]) : deadline;
    let correction: Correction | undefined;
    let corrections = 0;
    for (let attempt = 1; ; attempt += 1) {
      let isLeft = false;
      const onSpent: AttemptOptions['onSpent'] = (spent) => {
        if (!isLeft) call.options.onSpent?.(spent);
      };
      const options: AttemptOptions = { ...call.options, signal, attempt, correction, onSpent };
      try {
        return await this.breakerOf(model).execute(() => call.ask(this.inner, options));
      } catch (error) {
        // What the trial comes to is not waited for: it is taken for all it can be.
        if (error instanceof TrialTakesLong && error.isOwn) onSpent(null);
        isLeft = true;
        if (error instanceof UnusableAnswer) corrections += 1;
        correction = error instanceof UnusableAnswer ? (error.correction ?? undefined) : undefined;
        const pauseMs = this.pauseMs(attempt, error);
        const isLast = attempt >= maxAttempts || performance.now() + pauseMs >= endsAt;
        this.noteLimit(model, error);
        if (!isPassing(error) || corrections > MAX_CORRECTIONS || signal.aborted || isLast) throw error;
        this.log.info({ operation, attempt, pauseMs, error: error.code }, 'llm_attempt_failed');
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  private breakerOf(model: string): ModelBreaker {
    let breaker = this.breakers.get(model);
    if (breaker === undefined) {
      const facts = { provider: this.names.provider, model };
      breaker = new ModelBreaker(
        this.options.breakerPauseMs ?? BREAKER_PAUSE_MS,
        {
          opened: () => {
            this.log.warn(facts, 'llm_breaker_opened');
            this.health.away(model, 'It keeps failing.');
          },
          closed: () => this.log.info(facts, 'llm_breaker_closed'),
        },
        this.options.trialPatienceMs,
      );
      this.breakers.set(model, breaker);
    }
    return breaker;
  }

  private noteLimit(model: string, error: unknown): void {
    if (error instanceof ExternalFailure && error.code === 'llm_rate_limited') {
      this.health.limited(model, error.retryAfterMs);
    }
  }

  /** What was wrong is mended by asking, not by waiting; only a server that can't answer now is given time. */
  private pauseMs(attempt: number, error: unknown): number {
    if (error instanceof UnusableAnswer) return 0;
    const named = error instanceof ExternalFailure ? error.retryAfterMs : undefined;
    const { backoffBaseMs = 500, random = Math.random } = this.options;
    return named ?? Math.round(random() * Math.min(LONGEST_BACKOFF_MS, backoffBaseMs * 2 ** (attempt - 1)));
  }

  private explained(error: unknown, call: ModelCall<unknown>, model: string): ExternalFailure {
    if (error instanceof ExternalFailure) return error;
    if (isBrokenCircuitError(error)) {
      const message = `${model} keeps failing (${BREAKER_FAILURES} times in a row, or nobody was there); it is left alone for a while`;
      return new ExternalFailure(message, { code: 'llm_away', retryable: true, cause: error });
    }
    if (error instanceof TrialTakesLong) {
      const message = `${model} was ill and is being tried again; it does not answer soon`;
      return new ExternalFailure(message, { code: 'llm_away', retryable: true, cause: error });
    }
    if (isTimeout(error) || (error instanceof Error && error.name === 'AbortError')) {
      const message = `no answer within ${this.options.deadlineMs} ms`;
      return new ExternalFailure(message, { code: 'llm_timeout', retryable: true, cause: error });
    }
    // A defect of ours: it degrades the answer, and must not go unseen.
    const message = error instanceof Error ? error.message : String(error);
    this.log.error({ operation: call.input.operation, error: message }, 'llm_internal_error');
    return new ExternalFailure(message, { code: 'internal_error', retryable: false, cause: error });
  }
}

/** Whether the same question may get an answer soon. */
function isPassing(error: unknown): error is ExternalFailure {
  return error instanceof ExternalFailure && error.retryable;
}
