import type { LlmConfig } from '@app/config';
import type {
  Answer,
  BudgetLine,
  BudgetReservation,
  BudgetState,
  Clock,
  EventBus,
  LanguageModel,
  Log,
  ModelPolicies,
  ModelPolicy,
  SpendingBudget,
  Spending,
} from '@app/domain';
import { budgetLines, describeLimit } from '../budget-lines.js';
import { mostOfOneTry } from '../call-bounds.js';
import type { Floor } from '../floor.js';
import { projectOf, type ModelCall } from '../operations.js';
import { AroundEachOperation } from './around-each-operation.js';

/** From this share of a limit on, people are told. */
const WARN_AT_SHARE = 0.8;
const NOTHING: Spending = { costUsd: 0, tokens: 0, calls: 0 };

export interface BudgetTools {
  readonly budget: SpendingBudget;
  readonly policies: ModelPolicies;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}

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
    private readonly tools: BudgetTools,
  ) {
    super(inner);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const projectId = projectOf(call.input);
    let policy: ModelPolicy;
    let lines: readonly BudgetLine[];
    let reservation: BudgetReservation;
    let reserved = NOTHING;
    try {
      policy = await this.tools.policies.of(projectId);
      lines = budgetLines(this.config.budget, policy, projectId, this.tools.clock.now());
      if (lines.length > 0) reserved = this.mostOf(call);
      reservation = lines.length === 0 ? { granted: true } : await this.tools.budget.reserve(lines, reserved);
    } catch (error) {
      // Nothing is spent, and nothing sent anywhere, that nobody can say is allowed.
      return this.floor.answer(call, `llm_budget_unknown: ${(error as Error).message}`);
    }
    if (!reservation.granted) {
      const reason = `llm_budget_exhausted: ${describeLimit(reservation.exceeded, reservation.kind)}`;
      this.tell(reservation.exceeded, 'exceeded', reservation.isNews);
      return this.floor.answer(call, reason);
    }
    return this.spend(call, policy, lines, reserved);
  }

  private async spend<T>(
    call: ModelCall<T>,
    policy: ModelPolicy,
    lines: readonly BudgetLine[],
    reserved: Spending,
  ): Promise<Answer<T>> {
    let spent = NOTHING;
    const options = {
      ...call.options,
      insideOnly: !policy.allowsOutsideModel,
      onSpent: (tried: { inputTokens: number; outputTokens: number; costUsd: number } | null) => {
        // Nobody told us: it is taken for all it can be.
        const one = tried === null ? this.oneTry(call) : spendingOf(tried);
        spent = {
          calls: spent.calls + one.calls,
          tokens: spent.tokens + one.tokens,
          costUsd: spent.costUsd + one.costUsd,
        };
      },
    };
    try {
      return await call.ask(this.inner, options);
    } finally {
      if (lines.length > 0) await this.settle(lines, reserved, spent);
    }
  }

  /** A reservation that can't be corrected stays: too much is counted then, never too little. */
  private async settle(lines: readonly BudgetLine[], reserved: Spending, spent: Spending): Promise<void> {
    try {
      const warnings = await this.tools.budget.settle(lines, reserved, spent, WARN_AT_SHARE);
      for (const state of warnings) this.tell(state, 'warning', true);
    } catch (error) {
      this.tools.log.error({ reserved, spent, error: (error as Error).message }, 'llm_budget_not_settled');
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

  private tell(
    { scope, period, limits, used }: BudgetState,
    level: 'warning' | 'exceeded',
    isNews: boolean,
  ): void {
    const { bus, log } = this.tools;
    const facts = { level, scope, period, limits, used };
    log.warn(facts, level === 'warning' ? 'llm_budget_warning' : 'llm_budget_exceeded');
    if (!isNews) return;
    bus.publish('system:quota_warning', facts).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'event_publish_failed');
    });
  }
}

function spendingOf(tried: { inputTokens: number; outputTokens: number; costUsd: number }): Spending {
  return { calls: 1, tokens: tried.inputTokens + tried.outputTokens, costUsd: tried.costUsd };
}
