import type { AnswerMeta, Clock, FailureContext, Log, UsageEntry, UsageLedger } from '@app/domain';
import { UnusableAnswer, RefusedAnswer } from './llm-failure.js';
import { costUsd, type Prices } from './prices.js';
import { PROMPTS } from './prompts/index.js';
import type { AttemptOptions, ModelName, Operation } from './operations.js';

/** Which call an entry is about. */
export interface MeteredCall {
  readonly operation: Operation;
  readonly context: FailureContext;
  readonly options: AttemptOptions | undefined;
}

/** Writes calls to the usage ledger. A ledger that fails loses no answer: the entry goes to the log instead. */
export class UsageRecorder {
  constructor(
    private readonly ledger: UsageLedger,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  answered(call: MeteredCall, meta: AnswerMeta, outcome: 'answered' | 'cached' | 'fallback'): Promise<void> {
    return this.record({
      ...this.about(call),
      provider: meta.provider,
      model: meta.model,
      promptVersion: meta.promptVersion,
      inputTokens: meta.inputTokens,
      outputTokens: meta.outputTokens,
      costUsd: meta.costUsd,
      latencyMs: meta.latencyMs,
      outcome,
      error: meta.fallbackReason,
    });
  }

  /** An answer that couldn't be used was paid for all the same. */
  failed(call: MeteredCall, by: ModelName & Prices, latencyMs: number, error: unknown): Promise<void> {
    const paid = error instanceof UnusableAnswer || error instanceof RefusedAnswer ? error.usage : null;
    const usage = paid ?? { inputTokens: 0, outputTokens: 0 };
    return this.record({
      ...this.about(call),
      provider: by.provider,
      model: by.model,
      promptVersion: PROMPTS[call.operation].version,
      ...usage,
      costUsd: costUsd(by, usage),
      latencyMs,
      outcome: 'failed',
      error: error instanceof Error ? error.message : String(error),
    });
  }

  private about({ operation, context, options }: MeteredCall) {
    return {
      at: this.clock.now(),
      operation,
      projectId: context.projectId,
      incidentId: options?.incidentId ?? null,
      attempt: options?.attempt ?? 1,
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
