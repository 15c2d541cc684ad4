import { ExternalFailure, type Answer, type LanguageModel } from '@app/domain';
import type { Floor } from '../floor.js';
import type { ModelCall } from '../operations.js';
import { AroundEachOperation } from './around-each-operation.js';

/** A provider with everything around it. */
export interface ProviderChain {
  readonly model: LanguageModel;
  readonly isOutside: boolean;
}

/**
 * Asks one provider after the other, and the floor when none of them answers: so it always answers, except to an
 * aborted signal. Whoever answers in the first one's place says why, and is never taken for the first.
 */
export class FallingBackLanguageModel extends AroundEachOperation {
  constructor(
    private readonly chains: readonly [ProviderChain, ...ProviderChain[]],
    private readonly floor: Floor,
  ) {
    super(chains[0].model);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const { options } = call;
    const allowed = this.chains.filter(({ isOutside }) => options.insideOnly !== true || !isOutside);
    let reason = 'llm_forbidden_by_project: The project lets nothing be sent to a model outside our network.';
    for (const chain of allowed) {
      const isFirst = chain === this.chains[0];
      try {
        const answer = await call.ask(chain.model, options);
        return isFirst ? answer : { ...answer, meta: { ...answer.meta, fallbackReason: reason } };
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof ExternalFailure)) throw error;
        if (isFirst || allowed[0] === chain) reason = `${error.code}: ${error.message}`;
      }
    }
    return this.floor.answer(call, reason);
  }
}
