/**
 * A process of its own that shares limits and locks over Redis; spawned by specs, told what to do a line each, answers a line.
 *
 *   limit ALGORITHM SUBJECT LIMIT COUNT   → how many of COUNT requests, asked at once, passed
 *   quota SUBJECT LIMIT COUNT             → how many of COUNT calls the daily quota allowed
 *   count LOCK KEY TIMES                  → adds 1 to KEY, TIMES times, reading and writing it apart under the lock
 *   hold LOCK LEASE_MS                    → `FENCE`, or `none`
 *   renew LEASE_MS | release              → true, false | done
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createClient } from '@redis/client';
import { createCoordination, createLimits } from '../../dist/libs/cache/src/index.js';
import { loadConfig } from '../../dist/libs/config/src/index.js';
import { Metrics, PinoLog } from '../../dist/libs/telemetry/src/index.js';

const [redisUrl, prefix] = process.argv.slice(2);
// Redis must answer itself: nothing may be decided by this process alone because a busy machine is late.
const env = { REDIS_URL: redisUrl, CACHE_PREFIX: prefix, CACHE_OPERATION_DEADLINE_MS: '30000' };
const config = loadConfig(env);
const log = PinoLog.create({ level: 'silent' });
const { lock, eventBus } = createCoordination(config, log);
const { rateLimiter, quotas } = createLimits(config, { log, metrics: new Metrics(), eventBus });
const client = await createClient({ url: redisUrl }).connect();

const DAY_MS = 86_400_000;
let held = null;
const times = (count, work) => Promise.all(Array.from({ length: Number(count) }, work));
const passed = (decisions) => decisions.filter(({ allowed }) => allowed).length;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A connection stands when what is asked over it is seen in Redis. */
async function connected() {
  for (;;) {
    await rateLimiter.consume('ready', { algorithm: 'fixed_window', limit: 9, windowMs: DAY_MS });
    const reached = await client.exists(`${prefix}:ratelimit:ready:fixed_window-${DAY_MS}`);
    const locks = await lock.tryAcquire(`ready-${process.pid}`, 1).catch(() => null);
    if (reached === 1 && locks !== null) return;
    await pause(10);
  }
}

const orders = {
  async limit(algorithm, subject, limit, count) {
    const rule = { algorithm, limit: Number(limit), windowMs: DAY_MS };
    return passed(await times(count, () => rateLimiter.consume(subject, rule)));
  },
  async quota(subject, limit, count) {
    const limits = { daily: Number(limit), monthly: null };
    return passed(await times(count, () => quotas.consume(subject, 'api_calls', limits)));
  },
  async count(name, key, count) {
    for (let done = 0; done < Number(count);) {
      const own = await lock.tryAcquire(name, 30_000);
      if (own === null) {
        await pause(1);
        continue;
      }
      const value = Number((await client.get(key)) ?? 0);
      await pause(1);
      await client.set(key, value + 1);
      await own.release();
      done += 1;
    }
    return 'done';
  },
  async hold(name, leaseMs) {
    held = await lock.tryAcquire(name, Number(leaseMs));
    return held?.fence ?? 'none';
  },
  renew: (leaseMs) => held.renew(Number(leaseMs)),
  async release() {
    await held.release();
    return 'done';
  },
};

await connected();
writeSync(1, 'ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...args] = line.split(' ');
  writeSync(1, `${await orders[order](...args)}\n`);
}
