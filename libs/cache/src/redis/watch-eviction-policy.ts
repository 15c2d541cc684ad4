import type { Log } from '@app/domain';
import { fieldOf } from '../figures/redis-figures.js';
import type { RedisConnection } from './redis-connection.js';

const RIGHT_POLICY = 'noeviction';
const MEND =
  'redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf of the Redis of REDIS_URL';
const MEND_SHARED = `${MEND}; to let the cache evict, give it a Redis of its own in CACHE_REDIS_URL`;

/**
 * Looks, each time Redis is reached, whether it may drop what must not be lost, and says so once. (A lifetime makes no
 * difference: locks, limits and quotas have one, so `volatile-…` would drop them too.)
 * @param sharesWithCache whether this Redis holds the cache as well
 */
export function watchEvictionPolicy(
  connection: Pick<RedisConnection, 'onChange' | 'run' | 'client'>,
  sharesWithCache: boolean,
  log: Log,
): void {
  let told: string | null = null;
  const look = async (): Promise<void> => {
    const memory = await connection.run(() => connection.client.info('memory'));
    const policy = fieldOf(String(memory), 'maxmemory_policy') ?? RIGHT_POLICY;
    if (policy !== RIGHT_POLICY && policy !== told)
      log.warn(
        {
          policy,
          endangered: 'jobs, locks, rate limits, quotas, costs and savings, once its memory is full',
          mend: sharesWithCache ? MEND_SHARED : MEND,
        },
        'redis_may_evict_what_must_stay',
      );
    told = policy;
  };
  connection.onChange((reachable) => {
    // Where INFO is forbidden, or fails, `doctor` says so; nothing here depends on it.
    if (reachable)
      look().catch((error: Error) => log.debug({ error: error.message }, 'redis_eviction_policy_unknown'));
  });
}
