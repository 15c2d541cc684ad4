import type { RateLimit } from '@app/domain';

/** What is remembered of a subject under a rule: whole numbers by name, as a Redis hash keeps them. */
export type RateLimitState = Map<string, number>;

/** What an algorithm answers. Times in milliseconds from now. */
export interface Taken {
  readonly allowed: boolean;
  readonly used: number;
  /** Until the same request is allowed; 0 when it is. */
  readonly retryMs: number;
  /** Until nothing is used any more. */
  readonly resetMs: number;
}

/**
 * One algorithm twice, line by line the same: in TypeScript for one process, in Lua for Redis. Both work in whole numbers
 * (milliseconds), so that they answer alike. A cost of 0 only looks.
 */
export interface Algorithm {
  take(state: RateLimitState, rule: RateLimit, nowMs: number, cost: number): Taken;
  /**
   * A Lua function `take(state, limit, window, now, cost)` that answers `allowed, used, retry, reset`. It reads and
   * changes the table `state`; what it sets to false is deleted.
   */
  readonly lua: string;
}
