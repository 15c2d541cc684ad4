import type { AnswerMeta, Clock, Log, UsageEntry, UsageLedger } from '@app/domain';
import { RefusedAnswer, UnusableAnswer } from './openai/llm-failure.js';
import { projectOf, type ModelCall, type ModelName } from './operations.js';
import { costUsd, NO_TOKENS, type TokenUsage } from './prices.js';
import { promptOf } from './prompts/index.js';
import type { ModelPrice } from '@app/config';

/** Tokens and cost of one try. */
export type Spent = TokenUsage & { readonly costUsd: number };

/** Writes calls to the usage ledger. A ledger that fails loses no answer: the entry goes to the log instead. */
export class UsageRecorder {
  constructor(
    private readonly ledger: UsageLedger,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  answered(
    call: ModelCall<unknown>,
    meta: AnswerMeta,
    outcome: 'answered' | 'cached' | 'fallback',
  ): Promise<void> {
    return this.record({
      ...this.about(call),
      provider: meta.provider,
      model: meta.model,
      promptVersion: meta.promptVersion,
      inputTokens: meta.inputTokens,
      cachedInputTokens: meta.cachedInputTokens,
      outputTokens: meta.outputTokens,
      costUsd: meta.costUsd,
      latencyMs: meta.latencyMs,
      outcome,
      error: meta.fallbackReason,
    });
  }

  failed(
    call: ModelCall<unknown>,
    by: ModelName,
    spent: Spent,
    latencyMs: number,
    error: unknown,
  ): Promise<void> {
    return this.record({
      ...this.about(call),
      provider: by.provider,
      model: by.model,
      promptVersion: promptOf(call.input.operation, call.options.promptVersion).version,
      ...spent,
      latencyMs,
      outcome: 'failed',
      error: error instanceof Error ? error.message : String(error),
    });
  }

  private about({ input, options }: ModelCall<unknown>) {
    return {
      at: this.clock.now(),
      operation: input.operation,
      projectId: projectOf(input),
      incidentId: options.incidentId ?? null,
      attempt: options.attempt ?? 1,
      cache: options.cache ?? 'bypass',
    };
  }

  private async record(entry: UsageEntry): Promise<void> {
    try {
      await this.ledger.record(entry);
    } catch (error) {
      this.log.error({ ...entry, ledgerError: (error as Error).message }, 'usage_record_failed');
    }
  }
}

/** What a failed try cost: an answer that couldn't be used was paid for all the same. */
export function spentOn(error: unknown, price: ModelPrice): Spent {
  const paid = error instanceof UnusableAnswer || error instanceof RefusedAnswer ? error.usage : NO_TOKENS;
  return { ...paid, costUsd: costUsd(price, paid) };
}
