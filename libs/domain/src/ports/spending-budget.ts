/** Bounds of one period; null: none. */
export interface SpendingLimits {
  readonly costUsd: number | null;
  readonly tokens: number | null;
  readonly calls: number | null;
}

/** What was spent or is reserved in one period of one scope. */
export interface Spending {
  readonly costUsd: number;
  readonly tokens: number;
  readonly calls: number;
}

/** A period that a call counts in, with its limits. */
export interface BudgetLine {
  /** `all`, or `project:{id}`. */
  readonly scope: string;
  /** `2026-11-20` for a day, `2026-11` for a month (UTC). */
  readonly period: string;
  readonly limits: SpendingLimits;
}

export interface BudgetState extends BudgetLine {
  readonly used: Spending;
}

export type SpendingKind = keyof SpendingLimits;

export type BudgetReservation =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly exceeded: BudgetState;
      readonly kind: SpendingKind;
      /** True for the first caller who is told of this line, as a warning or a refusal. */
      readonly isNews: boolean;
    };

/**
 * Money and tokens that may be spent, kept where several processes agree on them. What a call may cost at most is
 * reserved before it and corrected after it; a process that dies in between leaves its reservation counted, so that
 * the sum of what was really spent never passes a limit.
 */
export abstract class SpendingBudget {
  /** All lines or none, atomically among all callers. @throws ExternalFailure `database_away` */
  abstract reserve(lines: readonly BudgetLine[], amount: Spending): Promise<BudgetReservation>;
  /**
   * Puts what was really spent in the place of what was reserved. Answers the lines that passed `warnAtShare` of a
   * limit with it; each is told of once, to one caller.
   * @throws ExternalFailure `database_away`
   */
  abstract settle(
    lines: readonly BudgetLine[],
    reserved: Spending,
    spent: Spending,
    warnAtShare: number,
  ): Promise<readonly BudgetState[]>;
  abstract state(lines: readonly BudgetLine[]): Promise<readonly BudgetState[]>;
}
