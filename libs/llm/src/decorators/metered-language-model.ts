import type { LlmProviderConfig } from '@app/config';
import { ExternalFailure, type Answer, type LanguageModel } from '@app/domain';
import type { ModelCall } from '../operations.js';
import { priceOf, type PriceTable } from '../prices.js';
import { spentOn, type UsageRecorder } from '../usage-recorder.js';
import { AroundEachOperation } from './around-each-operation.js';

/** Whose calls are metered, and what their tokens cost. */
export type PricedProvider = Pick<LlmProviderConfig, 'provider' | 'models'> & PriceTable;

/** Puts every try on the usage ledger, failed ones too, and tells whoever holds a reservation what it cost. */
export class MeteredLanguageModel extends AroundEachOperation {
  constructor(
    inner: LanguageModel,
    private readonly usage: UsageRecorder,
    private readonly priced: PricedProvider,
  ) {
    super(inner);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const { options } = call;
    const startedAt = performance.now();
    let answer: Answer<T>;
    try {
      answer = await call.ask(this.inner, options);
    } catch (error) {
      const { provider, models } = this.priced;
      const model = models[call.input.operation];
      const spent = spentOn(error, priceOf(this.priced, model));
      options.onSpent?.(mayBeBilled(error, options.signal) ? null : spent);
      const latencyMs = Math.round(performance.now() - startedAt);
      await this.usage.failed(call, { provider, model }, spent, latencyMs, error);
      throw error;
    }
    options.onSpent?.(answer.meta);
    await this.usage.answered(call, answer.meta, 'answered');
    return answer;
  }
}

/** The request reached somebody whose answer never came: whether it is billed nobody says. */
function mayBeBilled(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true || (error instanceof ExternalFailure && error.facts['answerLost'] === true);
}
