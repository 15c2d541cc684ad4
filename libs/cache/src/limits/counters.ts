export interface Counted {
  /** Whether the amount was added. */
  readonly added: boolean;
  readonly total: number;
}

export interface CounterBound {
  /** An amount that would lead past it is not added; null is without limit. */
  readonly limit: number | null;
  /** Milliseconds since 1970 after which the counter is forgotten. */
  readonly expiresAtMs: number;
}

/** Whole numbers by name that many processes add to at once. */
export interface Counters {
  add(name: string, amount: number, bound: CounterBound): Promise<Counted>;
  /** In the order of the names; 0 for what was never counted. */
  read(names: readonly string[]): Promise<number[]>;
}
