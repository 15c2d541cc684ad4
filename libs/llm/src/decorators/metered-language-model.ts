import {
  LanguageModel,
  type Answer,
  type Classification,
  type FailureContext,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import type { AttemptOptions, ModelName, Operation } from '../operations.js';
import type { Prices } from '../prices.js';
import type { UsageRecorder } from '../usage-recorder.js';

/** Whose calls are metered, and what its tokens cost. */
export type PricedModel = ModelName & Prices;

/** Puts every try on the usage ledger, failed ones too. */
export class MeteredLanguageModel implements LanguageModel {
  constructor(
    private readonly inner: LanguageModel,
    private readonly usage: UsageRecorder,
    private readonly priced: PricedModel,
  ) {}

  identity(): string {
    return this.inner.identity();
  }

  classify(context: FailureContext, options?: AttemptOptions): Promise<Answer<Classification>> {
    return this.meter('classify', context, options, () => this.inner.classify(context, options));
  }

  analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: AttemptOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    return this.meter('root_cause', context, options, () =>
      this.inner.analyzeRootCause(context, classification, options),
    );
  }

  generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: AttemptOptions,
  ): Promise<Answer<Solution>> {
    return this.meter('solution', context, options, () =>
      this.inner.generateSolution(context, rootCause, options),
    );
  }

  validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: AttemptOptions,
  ): Promise<Answer<Validation>> {
    return this.meter('validate', context, options, () =>
      this.inner.validateRemediation(context, rootCause, solution, options),
    );
  }

  private async meter<T>(
    operation: Operation,
    context: FailureContext,
    options: AttemptOptions | undefined,
    call: () => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const startedAt = performance.now();
    let answer: Answer<T>;
    try {
      answer = await call();
    } catch (error) {
      const latencyMs = Math.round(performance.now() - startedAt);
      await this.usage.failed({ operation, context, options }, this.priced, latencyMs, error);
      throw error;
    }
    await this.usage.answered({ operation, context, options }, answer.meta, 'answered');
    return answer;
  }
}
