/** Spending in millionths of a dollar. */
export interface CostTotals {
  readonly dailyMicroUsd: number;
  readonly monthlyMicroUsd: number;
}

/**
 * What a subject (a project, the product) spends in a day and in a calendar month (UTC): quick figures for limits and pages. The
 * usage ledger has the bill.
 */
export abstract class CostCounter {
  /** Adds to the day and the month. @param microUsd whole number, at least 0 */
  abstract add(subject: string, microUsd: number): Promise<CostTotals>;
  /** Of the day and the month that `at` is in; days are kept for a day, months until nine days after their end. */
  abstract of(subject: string, at: Date): Promise<CostTotals>;
}
