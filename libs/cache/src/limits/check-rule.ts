import { InvalidInput, type RateLimit, type RateLimitDecision } from '@app/domain';
import type { Taken } from './rate-limit-state.js';

/** @throws InvalidInput */
export function checkRule(rule: RateLimit, cost: number): void {
  const { limit, windowMs, penalty } = rule;
  const numbers = [limit, windowMs, cost, ...(penalty ? [penalty.firstMs, penalty.maxMs] : [])];
  if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0))
    throw new InvalidInput('A rate limit’s figures and a request’s cost are whole numbers above 0.', {
      ...rule,
      cost,
    });
  // The token bucket counts in parts of a token, and time is added to it.
  if (!Number.isSafeInteger(4 * limit * windowMs))
    throw new InvalidInput('The rate limit times its window is too large to be counted exactly.', {
      ...rule,
    });
  if (cost > limit)
    throw new InvalidInput(`A request that costs ${cost} never passes a limit of ${limit}.`, { cost, limit });
}

export function decision({ limit }: RateLimit, taken: Taken): RateLimitDecision {
  return {
    allowed: taken.allowed,
    limit,
    requestsUsed: taken.used,
    // More than the limit is used when it was lowered meanwhile.
    remaining: Math.max(0, limit - taken.used),
    resetInSeconds: Math.ceil(taken.resetMs / 1_000),
    retryAfterMs: taken.retryMs,
  };
}
