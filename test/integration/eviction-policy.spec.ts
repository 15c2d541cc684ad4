import { createCoordination, createLimits, type LimitsHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import { Metrics } from '@app/telemetry';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RecordingLog, silentLog } from '../fakes/recording-log.js';
import { ControlledRedis } from '../support/controlled-redis.js';
import { freePort } from '../support/product-process.js';
import { startRedisServer } from '../support/redis-server.js';

const WARNING = 'redis_may_evict_what_must_stay';
const WAIT = { timeout: 10_000, interval: 10 };
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function open(env: Record<string, string>): { readonly log: RecordingLog; readonly limits: LimitsHandle } {
  const config = loadConfig({ CACHE_OPERATION_DEADLINE_MS: '2000', ...env });
  const coordination = createCoordination(config, silentLog());
  const log = new RecordingLog();
  const limits = createLimits(config, { log, metrics: new Metrics(), eventBus: coordination.eventBus });
  endings.push(
    () => coordination.close(),
    () => limits.close(),
  );
  return { log, limits };
}

/** Resolves when somebody else has asked Redis for INFO: each of our own questions counts as one from the next on. */
async function untilAsked(redis: ControlledRedis): Promise<void> {
  let own = 0;
  await vi.waitFor(async () => {
    const stats = String(await redis.command('INFO', 'commandstats'));
    const calls = Number(/cmdstat_info:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    const others = calls - own;
    own += 1;
    expect(others).toBeGreaterThan(0);
  }, WAIT);
}

describe('the eviction policy of the Redis that holds queues, locks and quotas', () => {
  it.each([['allkeys-lru'], ['volatile-ttl']])(
    '%s is warned of once, with the command that mends it',
    async (policy) => {
      const server = await startRedisServer(['--maxmemory-policy', policy, '--maxmemory', '100mb']);
      endings.push(() => server.stop());
      const { log } = open({ REDIS_URL: server.url });
      await vi.waitFor(() => expect(log.of(WARNING)).toHaveLength(1), WAIT);
      expect(log.of(WARNING)[0]).toMatchObject({
        policy,
        endangered: expect.stringContaining('jobs, locks'),
        mend: expect.stringContaining('CONFIG SET maxmemory-policy noeviction'),
      });
      expect(log.of(WARNING)[0]).toMatchObject({ mend: expect.stringContaining('CACHE_REDIS_URL') });
    },
  );

  it('noeviction is right: nothing is said', async () => {
    const redis = new ControlledRedis(await freePort());
    await redis.start();
    endings.push(() => redis.kill());
    const { log } = open({ REDIS_URL: redis.url });
    await untilAsked(redis);
    expect(log.of(WARNING)).toEqual([]);
  });

  it('of a Redis for the cache alone is its own matter', async () => {
    const [queues, cache] = await Promise.all([
      startRedisServer(['--maxmemory-policy', 'allkeys-lru']),
      startRedisServer(['--maxmemory-policy', 'allkeys-lru']),
    ]);
    endings.push(
      () => queues.stop(),
      () => cache.stop(),
    );
    const { log } = open({ REDIS_URL: queues.url, CACHE_REDIS_URL: cache.url });
    await vi.waitFor(() => expect(log.of(WARNING)).toHaveLength(1), WAIT);
    expect(JSON.stringify(log.of(WARNING)[0])).not.toContain('CACHE_REDIS_URL');
  });

  it('is asked for when Redis is there at last, and again when another may have taken its place', async () => {
    const redis = new ControlledRedis(await freePort());
    const { log } = open({ REDIS_URL: redis.url });
    await vi.waitFor(() => expect(log.of('redis_unreachable')).toHaveLength(1), WAIT);
    expect(log.of(WARNING)).toEqual([]);
    await redis.start();
    endings.push(() => redis.kill());
    await vi.waitFor(() => expect(log.of('redis_reachable_again')).toHaveLength(1), WAIT);
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await vi.waitFor(() => expect(log.of(WARNING)).toMatchObject([{ policy: 'allkeys-random' }]), WAIT);
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await vi.waitFor(() => expect(log.of('redis_reachable_again')).toHaveLength(3), WAIT);
    expect(log.of(WARNING)).toHaveLength(1);
  });
});
