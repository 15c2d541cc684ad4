import {
  RATE_LIMIT_ALGORITHMS,
  type RateLimit,
  type RateLimitAlgorithm,
  type RateLimitDecision,
  type RateLimiter,
} from '@app/domain';
import type { RedisConnection } from '../redis/redis-connection.js';
import { checkRule, decision } from './check-rule.js';
import { ALGORITHMS, judgeInLua } from './judge.js';
import { RedisScript } from '../coordination/redis-script.js';

type Answer = readonly [allowed: 0 | 1, used: number, retryMs: number, resetMs: number];

const SCRIPTS = new Map<RateLimitAlgorithm, RedisScript>(
  RATE_LIMIT_ALGORITHMS.map((name) => [name, new RedisScript(judgeInLua(ALGORITHMS[name]))]),
);

/** Limits shared by every process on one Redis, `{prefix}:ratelimit:{subject}:{algorithm}-{window in ms}`. */
export class RedisRateLimiter implements RateLimiter {
  /** @param now a test's clock; without it Redis' own counts, so that the processes' clocks may differ */
  constructor(
    private readonly connection: RedisConnection,
    private readonly prefix: string,
    private readonly now?: () => number,
  ) {}

  /** @throws what `RedisConnection.run` throws when Redis can't be asked */
  async consume(subject: string, rule: RateLimit, cost = 1): Promise<RateLimitDecision> {
    checkRule(rule, cost);
    const { algorithm, limit, windowMs, penalty } = rule;
    const [allowed, used, retryMs, resetMs] = await SCRIPTS.get(algorithm)!.run<Answer>(
      this.connection,
      `${this.prefix}:ratelimit:${subject}:${algorithm}-${windowMs}`,
      [limit, windowMs, cost, penalty?.firstMs ?? 0, penalty?.maxMs ?? 0, this.now ? this.now() : ''],
    );
    return decision(rule, { allowed: allowed === 1, used, retryMs, resetMs });
  }
}
