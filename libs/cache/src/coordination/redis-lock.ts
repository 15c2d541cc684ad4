import { randomUUID } from 'node:crypto';
import { ExternalFailure, type HeldLock, type Lock, type Log } from '@app/domain';
import type { RedisConnection } from '../redis/redis-connection.js';

/** Both compare the owner's token first, so that nobody prolongs or frees a lock that has become somebody else's. */
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end`;

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
      const answer = await this.connection.run(() =>
        this.connection.client.set(key, token, { NX: true, PX: px }),
      );
      return answer === null ? null : this.held(name, key, token);
    } catch (error) {
      throw new ExternalFailure(`The lock “${name}” can't be taken: Redis doesn't answer.`, {
        code: 'lock_away',
        retryable: true,
        cause: error,
        facts: { lock: name },
      });
    }
  }

  private held(name: string, key: string, token: string): HeldLock {
    const owned = (script: string, ...args: string[]): Promise<boolean> =>
      this.connection
        .run(() => this.connection.client.eval(script, { keys: [key], arguments: [token, ...args] }))
        .then((answer) => answer === 1)
        .catch((error: Error) => {
          // A lease that can't be confirmed counts as lost; one that can't be freed ends by itself.
          this.log.debug({ lock: name, error: error.message }, 'lock_unconfirmed');
          return false;
        });
    return {
      renew: (leaseMs) => owned(RENEW, `${Math.max(1, Math.ceil(leaseMs))}`),
      release: async () => void (await owned(RELEASE)),
    };
  }
}
