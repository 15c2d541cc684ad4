import { setTimeout as sleep } from 'node:timers/promises';
import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import {
  ExternalFailure,
  LanguageModel,
  type Answer,
  type Classification,
  type FailureContext,
  type Log,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import { UnusableAnswer } from '../llm-failure.js';
import type { AttemptOptions, Operation } from '../operations.js';
import type { UsageRecorder } from '../usage-recorder.js';

/** So many failed tries in a row, over all operations, and the model is left alone for a while. */
const BREAKER_FAILURES = 5;
const BREAKER_PAUSE_MS = 30_000;
const LONGEST_BACKOFF_MS = 10_000;

export interface ResilienceOptions {
  /** Tries in all, the first included. */
  readonly maxAttempts: number;
  /** For one operation with all its tries and pauses. */
  readonly deadlineMs: number;
  /** The first pause is up to this long, the next up to twice … Default 500. */
  readonly backoffBaseMs?: number;
  /** How long the model is left alone. Default 30 s. */
  readonly breakerPauseMs?: number;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

/**
 * Tries again what may pass (connection, 408, 409, 429, 5xx, an answer that can't be used) with full jitter or after
 * the pause the server named, within a deadline; leaves a model alone that keeps failing; and when no answer comes,
 * the floor answers in its place and says why. So it always answers, except to an aborted signal.
 */
export class ResilientLanguageModel implements LanguageModel {
  private readonly breaker: CircuitBreakerPolicy;

  constructor(
    private readonly inner: LanguageModel,
    private readonly floor: LanguageModel,
    private readonly usage: UsageRecorder,
    private readonly options: ResilienceOptions,
    private readonly log: Log,
  ) {
    this.breaker = circuitBreaker(handleWhen(isAway), {
      halfOpenAfter: options.breakerPauseMs ?? BREAKER_PAUSE_MS,
      breaker: new ConsecutiveBreaker(BREAKER_FAILURES),
    });
    this.breaker.onBreak(() => log.warn({ model: inner.identity() }, 'llm_breaker_opened'));
    this.breaker.onReset(() => log.info({ model: inner.identity() }, 'llm_breaker_closed'));
  }

  identity(): string {
    return this.inner.identity();
  }

  classify(context: FailureContext, options?: AttemptOptions): Promise<Answer<Classification>> {
    return this.ask('classify', context, options, (model, o) => model.classify(context, o));
  }

  analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: AttemptOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    return this.ask('root_cause', context, options, (model, o) =>
      model.analyzeRootCause(context, classification, o),
    );
  }

  generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: AttemptOptions,
  ): Promise<Answer<Solution>> {
    return this.ask('solution', context, options, (model, o) =>
      model.generateSolution(context, rootCause, o),
    );
  }

  validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: AttemptOptions,
  ): Promise<Answer<Validation>> {
    return this.ask('validate', context, options, (model, o) =>
      model.validateRemediation(context, rootCause, solution, o),
    );
  }

  private async ask<T>(
    operation: Operation,
    context: FailureContext,
    options: AttemptOptions | undefined,
    call: (model: LanguageModel, options: AttemptOptions) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    options?.signal?.throwIfAborted();
    try {
      return await this.tryWithin(operation, options, (tried) => call(this.inner, tried));
    } catch (error) {
      options?.signal?.throwIfAborted();
      const reason = this.reasonOf(operation, error);
      const incidentId = options?.incidentId;
      this.log.warn({ operation, incidentId, model: this.inner.identity(), reason }, 'llm_fallback');
      const answer = await call(this.floor, options ?? {});
      const meta = { ...answer.meta, fallbackReason: reason };
      await this.usage.answered({ operation, context, options }, meta, 'fallback');
      return { value: answer.value, meta };
    }
  }

  /** Own loop rather than cockatiel's retry, whose pauses don't end when the signal is aborted. */
  private async tryWithin<T>(
    operation: Operation,
    options: AttemptOptions | undefined,
    call: (options: AttemptOptions) => Promise<T>,
  ): Promise<T> {
    const { deadlineMs, maxAttempts } = this.options;
    const endsAt = performance.now() + deadlineMs;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = options?.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.breaker.execute(() => call({ ...options, signal, attempt }));
      } catch (error) {
        const pauseMs = this.pauseMs(attempt, error);
        const isLast = attempt >= maxAttempts || performance.now() + pauseMs >= endsAt;
        if (!isPassing(error) || signal.aborted || isLast) throw error;
        this.log.info({ operation, attempt, pauseMs, error: error.code }, 'llm_attempt_failed');
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  private pauseMs(attempt: number, error: unknown): number {
    const named = error instanceof ExternalFailure ? error.retryAfterMs : undefined;
    const { backoffBaseMs = 500, random = Math.random } = this.options;
    return named ?? Math.round(random() * Math.min(LONGEST_BACKOFF_MS, backoffBaseMs * 2 ** (attempt - 1)));
  }

  private reasonOf(operation: Operation, error: unknown): string {
    if (error instanceof ExternalFailure) return `${error.code}: ${error.message}`;
    if (isBrokenCircuitError(error)) {
      return `llm_away: ${BREAKER_FAILURES} calls in a row failed; the model is left alone for a while`;
    }
    if (isAbort(error)) return `llm_timeout: no answer within ${this.options.deadlineMs} ms`;
    // A defect of ours: it degrades the answer, and must not go unseen.
    const message = error instanceof Error ? error.message : String(error);
    this.log.error({ operation, error: message }, 'llm_internal_error');
    return `internal_error: ${message}`;
  }
}

/** Whether the same question may get an answer soon. */
function isPassing(error: unknown): error is ExternalFailure {
  return error instanceof ExternalFailure && error.retryable;
}

/** Whether the failure speaks against asking this model at all for now. */
function isAway(error: unknown): boolean {
  return (isPassing(error) && !(error instanceof UnusableAnswer)) || isTimeout(error);
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function isAbort(error: unknown): boolean {
  return isTimeout(error) || (error instanceof Error && error.name === 'AbortError');
}
