import { isDeepStrictEqual } from 'node:util';
import type { Config } from '@app/config';
import type { CacheSavings, CostCounter, EventBus, Log, QuotaCounter, RateLimiter } from '@app/domain';
import type { Metrics } from '@app/telemetry';
import { RedisConnection } from '../redis/redis-connection.js';
import { watchEvictionPolicy } from '../redis/watch-eviction-policy.js';
import { InProcessSavingsStore } from '../savings/in-process-savings-store.js';
import { RedisSavingsStore } from '../savings/redis-savings-store.js';
import { SavingsLedger } from '../savings/savings-ledger.js';
import { CountedCosts } from './counted-costs.js';
import { CountedQuotas } from './counted-quotas.js';
import { FallbackCounters } from './fallback-counters.js';
import { FallbackRateLimiter } from './fallback-rate-limiter.js';
import { InProcessCounters } from './in-process-counters.js';
import { InProcessRateLimiter } from './in-process-rate-limiter.js';
import { RedisCounters } from './redis-counters.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';

export interface LimitsHandle {
  readonly rateLimiter: RateLimiter;
  readonly quotas: QuotaCounter;
  readonly costs: CostCounter;
  readonly savings: CacheSavings;
  /** Hands over what savings still wait, then ends the connection. */
  close(): Promise<void>;
}

export interface LimitsTools {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told when a quota is nearly used up. */
  readonly eventBus: EventBus;
  /** A test's clock. */
  readonly now?: () => number;
}

/**
 * Limits, quotas, costs and savings: shared by every process on the Redis of the queues, which must not evict them; of this
 * process alone without Redis, and while it is away. Returns at once.
 */
export function createLimits(
  { redis, cache }: Pick<Config, 'redis' | 'cache'>,
  { log, metrics, eventBus, now }: LimitsTools,
): LimitsHandle {
  const ownLog = log.child({ part: 'limits' });
  const ownLimiter = new InProcessRateLimiter(now);
  const ownCounters = new InProcessCounters(now);
  if (redis === null) {
    const savings = new SavingsLedger(new InProcessSavingsStore(), metrics, ownLog, now);
    return {
      rateLimiter: ownLimiter,
      quotas: new CountedQuotas(ownCounters, eventBus, now),
      costs: new CountedCosts(ownCounters, now),
      savings,
      close: () => savings.flush(),
    };
  }
  // A request waits for its limit: no longer than for the cache.
  const connection = new RedisConnection(redis, cache.operationDeadlineMs, ownLog);
  // Asked here for all that the Redis of REDIS_URL holds: one warning a process.
  watchEvictionPolicy(connection, isDeepStrictEqual(redis, cache.redis), ownLog);
  const counters = new FallbackCounters(new RedisCounters(connection, cache.prefix, now), ownCounters);
  const savings = new SavingsLedger(new RedisSavingsStore(connection, cache.prefix), metrics, ownLog, now);
  return {
    rateLimiter: new FallbackRateLimiter(new RedisRateLimiter(connection, cache.prefix, now), ownLimiter),
    quotas: new CountedQuotas(counters, eventBus, now),
    costs: new CountedCosts(counters, now),
    savings,
    close: async () => {
      await savings.flush();
      await connection.close();
    },
  };
}
