export const RATE_LIMIT_ALGORITHMS = ['fixed_window', 'sliding_window', 'token_bucket'] as const;
export type RateLimitAlgorithm = (typeof RATE_LIMIT_ALGORITHMS)[number];

/** How much of something a subject may use. */
export interface RateLimit {
  /**
   * `fixed_window`: windows that follow one another; two bursts may meet at their seam. `sliding_window`: never more than the
   * limit in any window. `token_bucket`: the limit at once, then as fast as it refills, the whole limit in a window.
   */
  readonly algorithm: RateLimitAlgorithm;
  /** Whole number, at least 1. */
  readonly limit: number;
  readonly windowMs: number;
  /** Who is refused again and again waits longer each time. Without it nobody waits longer than the limit makes them. */
  readonly penalty?: {
    /** Wait after the second refusal; doubles with each further one. Tries made while waiting don't count. */
    readonly firstMs: number;
    /** The longest wait, and how long after its end one must behave for the refusals to be forgotten. */
    readonly maxMs: number;
  };
}

export interface RateLimitDecision {
  readonly allowed: boolean;
  readonly limit: number;
  /** How much of the limit is used, this request included when it is allowed. */
  readonly requestsUsed: number;
  readonly remaining: number;
  /** Until the whole limit is free again. */
  readonly resetInSeconds: number;
  /** Until an equal request is allowed, if nobody else comes first; 0 when this one is. */
  readonly retryAfterMs: number;
}

/** Decides whether a subject (an API key, an address, a provider) may go on. Atomic in every process that shares the store. */
export abstract class RateLimiter {
  /**
   * Takes `cost` of the limit, all or nothing.
   * @param subject colon-separated, free of secrets; with the rule's algorithm and window it names the state
   * @param cost whole number from 1 to the limit, default 1
   * @throws InvalidInput for a rule or cost that is none
   */
  abstract consume(subject: string, rule: RateLimit, cost?: number): Promise<RateLimitDecision>;
}
