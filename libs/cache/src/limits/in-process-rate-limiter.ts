import type { RateLimit, RateLimitDecision, RateLimiter } from '@app/domain';
import { LRUCache } from 'lru-cache';
import { checkRule, decision } from './check-rule.js';
import { judge } from './judge.js';
import type { RateLimitState } from './rate-limit-state.js';

/** Past so many the subjects that were quiet for longest are forgotten. */
const MAX_SUBJECTS = 100_000;

/** Limits of this process alone: what serves without Redis, and while it is away. */
export class InProcessRateLimiter implements RateLimiter {
  private readonly states: LRUCache<string, RateLimitState>;

  constructor(private readonly now: () => number = Date.now) {
    this.states = new LRUCache({ max: MAX_SUBJECTS, ttlResolution: 0, perf: { now } });
  }

  async consume(subject: string, rule: RateLimit, cost = 1): Promise<RateLimitDecision> {
    checkRule(rule, cost);
    const name = `${subject}:${rule.algorithm}:${rule.windowMs}`;
    const state: RateLimitState = this.states.get(name) ?? new Map();
    const { keepMs, ...taken } = judge(state, rule, Math.floor(this.now()), cost);
    this.states.set(name, state, { ttl: Math.max(1, keepMs) });
    return decision(rule, taken);
  }
}
