import { randomUUID } from 'node:crypto';
import { ExternalFailure, type HeldLock, type Lock, type Log } from '@app/domain';
import { RedisScript } from './redis-script.js';
import type { RedisConnection } from '../redis/redis-connection.js';

/** The fence is no smaller than the time in ms, so that it grows on even when Redis lost it. */
const ACQUIRE = new RedisScript(`
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fence = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
redis.call('SET', KEYS[2], string.format('%.0f', fence), 'PX', ${30 * 86_400_000})
return fence`);
/** Both compare the owner's token first, so that nobody prolongs or frees a lock that has become somebody else's. */
const RENEW = new RedisScript(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end`,
);
const RELEASE = new RedisScript(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end`,
);

/** Mutual exclusion between processes over one Redis; `{prefix}:lock:{name}` holds the owner's token until the lease ends. */
export class RedisLock implements Lock {
  constructor(
    private readonly connection: RedisConnection,
    private readonly prefix: string,
    private readonly log: Log,
  ) {}

  /** @throws ExternalFailure `lock_away` when Redis can't be asked */
  async tryAcquire(name: string, leaseMs: number): Promise<HeldLock | null> {
    const key = `${this.prefix}:lock:${name}`;
    const token = randomUUID();
    const px = Math.max(1, Math.ceil(leaseMs));
    try {
      const fence = await ACQUIRE.run<number>(this.connection, [key, `${key}:fence`], [token, px]);
      return fence === 0 ? null : this.held(name, key, token, fence);
    } catch (error) {
      throw new ExternalFailure(`The lock “${name}” can't be taken: Redis doesn't answer.`, {
        code: 'lock_away',
        retryable: true,
        cause: error,
        facts: { lock: name },
      });
    }
  }

  private held(name: string, key: string, token: string, fence: number): HeldLock {
    const owned = (script: RedisScript, ...args: string[]): Promise<boolean> =>
      script
        .run(this.connection, key, [token, ...args])
        .then((answer) => answer === 1)
        .catch((error: Error) => {
          // A lease that can't be confirmed counts as lost; one that can't be freed ends by itself.
          this.log.debug({ lock: name, error: error.message }, 'lock_unconfirmed');
          return false;
        });
    return {
      fence,
      renew: (leaseMs) => owned(RENEW, `${Math.max(1, Math.ceil(leaseMs))}`),
      release: async () => void (await owned(RELEASE)),
    };
  }
}
