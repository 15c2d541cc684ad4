import type { RedisConnection } from '../redis/redis-connection.js';
import type { Counted, CounterBound, Counters } from './counters.js';
import { RedisScript } from '../coordination/redis-script.js';

/** ARGV: amount, limit or '', lifetime in ms. */
const ADD = new RedisScript(`
local total = tonumber(redis.call('GET', KEYS[1]) or '0')
local amount, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
if amount > 0 and limit and total + amount > limit then return {0, total} end
total = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {1, total}`);

/** Counters shared by every process on one Redis, `{prefix}:{name}`. Its methods throw what `RedisConnection.run` throws. */
export class RedisCounters implements Counters {
  constructor(
    private readonly connection: RedisConnection,
    private readonly prefix: string,
    private readonly now: () => number = Date.now,
  ) {}

  async add(name: string, amount: number, { limit, expiresAtMs }: CounterBound): Promise<Counted> {
    const lifetimeMs = Math.max(1, Math.ceil(expiresAtMs - this.now()));
    const [added, total] = await ADD.run<[0 | 1, number]>(this.connection, `${this.prefix}:${name}`, [
      amount,
      limit ?? '',
      lifetimeMs,
    ]);
    return { added: added === 1, total };
  }

  async read(names: readonly string[]): Promise<number[]> {
    const { client } = this.connection;
    const found = await this.connection.run(() => client.mGet(names.map((name) => `${this.prefix}:${name}`)));
    return found.map((text) => Number(text ?? 0));
  }
}
