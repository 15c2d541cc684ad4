/** Savings in whole numbers, as stores add them up. */
export interface WholeSavings {
  readonly hits: number;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
  readonly calls: number;
}

/** Sums by day (`yyyy-mm-dd`) and namespace, kept for `SAVINGS_KEPT_DAYS`. */
export interface SavingsStore {
  /** All of it or, with an error, nothing. */
  add(day: string, byNamespace: ReadonlyMap<string, WholeSavings>): Promise<void>;
  read(day: string): Promise<ReadonlyMap<string, WholeSavings>>;
}

export const SAVINGS_KEPT_DAYS = 400;
