import type { LlmConfig } from '@app/config';
import type { Answer, LanguageModel, ModelPolicy, Spending } from '@app/domain';
import { mostOfOneTry } from '../call-bounds.js';
import type { Floor } from '../floor.js';
import { projectOf, type ModelCall } from '../operations.js';
import { addSpending, NOTHING_SPENT, type Reservation, type SpendingGuard } from '../spending-guard.js';
import { AroundEachOperation } from './around-each-operation.js';

/**
 * Reserves what a call can cost at most before it is made, and puts what it did cost in its place afterwards: what is
 * spent never passes a limit, whatever other processes do at the same time. Past a limit, or when nobody can tell, the
 * floor answers.
 */
export class BudgetedLanguageModel extends AroundEachOperation {
  constructor(
    inner: LanguageModel,
    private readonly floor: Floor,
    private readonly config: LlmConfig,
    private readonly guard: SpendingGuard,
  ) {
    super(inner);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const id = projectOf(call.input);
    let policy: ModelPolicy;
    let reservation: Reservation | { readonly refused: string };
    try {
      policy = await this.guard.policyOf(id);
      reservation = await this.guard.reserve({ id, policy }, this.mostOf(call));
    } catch (error) {
      // Nothing is spent, and nothing sent anywhere, that nobody can say is allowed.
      return this.floor.answer(call, `llm_budget_unknown: ${(error as Error).message}`);
    }
    if ('refused' in reservation) {
      return this.floor.answer(call, `llm_budget_exhausted: ${reservation.refused}`);
    }
    return this.spend(call, policy, reservation);
  }

  private async spend<T>(
    call: ModelCall<T>,
    policy: ModelPolicy,
    reservation: Reservation,
  ): Promise<Answer<T>> {
    let spent = NOTHING_SPENT;
    const options = {
      ...call.options,
      insideOnly: !policy.allowsOutsideModel,
      onSpent: (tried: { inputTokens: number; outputTokens: number; costUsd: number } | null) => {
        // Nobody told us: it is taken for all it can be.
        spent = addSpending(spent, tried === null ? this.oneTry(call) : spendingOf(tried));
      },
    };
    try {
      return await call.ask(this.inner, options);
    } finally {
      await this.guard.settle(reservation, spent);
    }
  }

  /** All tries of every provider. */
  private mostOf(call: ModelCall<unknown>): Spending {
    const { second, maxAttempts } = this.config;
    const each = [this.config, ...(second === null ? [] : [second])].map((provider) =>
      mostOfOneTry(call, provider, this.config),
    );
    const sum = (of: (one: Spending) => number) =>
      each.reduce((total, one) => total + of(one) * maxAttempts, 0);
    return {
      costUsd: sum(({ costUsd }) => costUsd),
      tokens: sum(({ tokens }) => tokens),
      calls: sum(({ calls }) => calls),
    };
  }

  private oneTry(call: ModelCall<unknown>): Spending {
    const { second } = this.config;
    const first = mostOfOneTry(call, this.config, this.config);
    if (second === null) return first;
    const other = mostOfOneTry(call, second, this.config);
    return other.costUsd > first.costUsd ? other : first;
  }
}

function spendingOf(tried: { inputTokens: number; outputTokens: number; costUsd: number }): Spending {
  return { calls: 1, tokens: tried.inputTokens + tried.outputTokens, costUsd: tried.costUsd };
}
