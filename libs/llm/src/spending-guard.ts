import type { LlmBudgetConfig } from '@app/config';
import type {
  BudgetLine,
  BudgetState,
  Clock,
  EventBus,
  Log,
  ModelPolicies,
  ModelPolicy,
  SpendingBudget,
  Spending,
} from '@app/domain';
import { budgetLines, describeLimit } from './budget-lines.js';

/** From this share of a limit on, people are told. */
const WARN_AT_SHARE = 0.8;
export const NOTHING_SPENT: Spending = { costUsd: 0, tokens: 0, calls: 0 };

export interface BudgetTools {
  readonly budget: SpendingBudget;
  readonly policies: ModelPolicies;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}

/** What may be spent; it is given back by `settle`. */
export interface Reservation {
  readonly lines: readonly BudgetLine[];
  readonly reserved: Spending;
}

/** Reserves what a call can cost at most before it is made, and puts what it did cost in its place afterwards. */
export class SpendingGuard {
  constructor(
    private readonly config: LlmBudgetConfig,
    private readonly tools: BudgetTools,
  ) {}

  /** @throws ExternalFailure `database_away` */
  policyOf(projectId: string): Promise<ModelPolicy> {
    return this.tools.policies.of(projectId);
  }

  /**
   * @param project null: a call of no project's
   * @returns why not, when a limit has no room for it
   * @throws ExternalFailure `database_away`
   */
  async reserve(
    project: { readonly id: string; readonly policy: ModelPolicy } | null,
    most: Spending,
  ): Promise<Reservation | { readonly refused: string }> {
    const lines = budgetLines(this.config, project, this.tools.clock.now());
    const reservation = await this.tools.budget.reserve(lines, most);
    if (reservation.granted) return { lines, reserved: most };
    this.tell(reservation.exceeded, 'exceeded', reservation.isNews);
    return { refused: describeLimit(reservation.exceeded, reservation.kind) };
  }

  /** A reservation that can't be corrected stays: too much is counted then, never too little. */
  async settle({ lines, reserved }: Reservation, spent: Spending): Promise<void> {
    try {
      const warnings = await this.tools.budget.settle(lines, reserved, spent, WARN_AT_SHARE);
      for (const state of warnings) this.tell(state, 'warning', true);
    } catch (error) {
      this.tools.log.error({ reserved, spent, error: (error as Error).message }, 'llm_budget_not_settled');
    }
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

export function addSpending(a: Spending, b: Spending): Spending {
  return { costUsd: a.costUsd + b.costUsd, tokens: a.tokens + b.tokens, calls: a.calls + b.calls };
}
