import { randomUUID } from 'node:crypto';
import { createRedisClient, masterOf, singleClient, type RedisClient } from '@app/cache';
import type { RedisEndpoint } from '@app/config';
import { failed, ok, skipped, warning, type Check, type Finding } from '../check.js';
import { addressOf, diagnose } from './redis-diagnosis.js';
import { speaks, type Place } from './speaks.js';

/** What a Redis is used for decides which eviction policy it must have. */
export type RedisUse = 'queues' | 'cache' | 'queues and cache';

export interface RedisUnderTest {
  readonly use: RedisUse;
  readonly endpoint: RedisEndpoint;
  /** The environment variable that a person would correct. */
  readonly variable: string;
  readonly prefix: string;
  /** Calls that take longer count as misses. */
  readonly deadlineMs: number;
}

const CONNECT_LIMIT_MS = 3_000;
const KEPT_MS = 60_000;
const SHORT_MS = 20;
const EXPIRY_LIMIT_MS = 2_000;
const READS = 100;

/** Everything about one Redis: the first check connects, the others use its connection and are skipped without. */
export function redisChecks(redis: RedisUnderTest): Check[] {
  const session = new RedisSession(redis);
  const steps: [what: string, run: () => Promise<Finding>][] = [
    ['set and get', () => session.setAndGet()],
    ['JSON round trip', () => session.whileWritable(() => session.roundTrip())],
    ['lifetime', () => session.whileWritable(() => session.lifetime())],
    ['pattern delete', () => session.whileWritable(() => session.patternDelete())],
    ['eviction policy', () => session.evictionPolicy()],
    ['latency', () => session.latency()],
  ];
  const name = (what: string): string => `Redis for ${redis.use}: ${what}`;
  return [
    { name: name('connect'), run: () => session.connect() },
    ...steps.map(([what, run], index): Check => ({
      name: name(what),
      run: async () => {
        const finding = await session.whileConnected(run);
        if (index === steps.length - 1) session.close();
        return finding;
      },
    })),
  ];
}

class RedisSession {
  private client: RedisClient | null = null;
  private writable = false;
  /** Where the master is that the sentinels name, for people. */
  private master = '';
  private readonly keys: string;

  constructor(private readonly redis: RedisUnderTest) {
    this.keys = `${redis.prefix}:doctor:${randomUUID()}`;
  }

  async connect(): Promise<Finding> {
    const { endpoint } = this.redis;
    const strange = await this.strangeProtocol();
    if (strange) return strange;
    try {
      const place = await placeOf(endpoint);
      if (endpoint.mode === 'sentinel') this.master = `, master ${place!.host}:${place!.port}`;
      this.client = place === null ? createRedisClient(endpoint) : singleClient(endpoint, place, false);
      // The first error is told; the client's own tries to come back would only repeat it.
      this.client.on('error', () => undefined);
      await limited(this.client.connect());
      // A server that wants a password says so at the first command.
      await limited(this.client.get(`${this.keys}:value`));
    } catch (error) {
      this.close();
      return diagnose(error as Error, endpoint, this.redis.variable);
    }
    return ok(
      `${addressOf(endpoint)}${this.master}${endpoint.mode === 'cluster' ? '' : await versionOf(this.client)}`,
    );
  }

  async whileConnected(run: () => Promise<Finding>): Promise<Finding> {
    if (this.client === null) return skipped('not connected');
    try {
      return await run();
    } catch (error) {
      return diagnose(error as Error, this.redis.endpoint, this.redis.variable);
    }
  }

  /** What writes is not tried again once Redis took nothing. */
  async whileWritable(run: () => Promise<Finding>): Promise<Finding> {
    return this.writable ? run() : skipped('nothing can be written');
  }

  close(): void {
    if (this.client?.isOpen) this.client.destroy();
    this.client = null;
  }

  async setAndGet(): Promise<Finding> {
    const key = `${this.keys}:value`;
    const value = randomUUID();
    await limited(this.connected.set(key, value, { PX: KEPT_MS }));
    this.writable = true;
    const read = await limited(this.connected.get(key));
    return read === value ? ok('what was written is read') : unlike(value, read);
  }

  async roundTrip(): Promise<Finding> {
    const key = `${this.keys}:json`;
    const json = JSON.stringify({ text: 'ü — 日本語 🙂', zero: 0, nothing: null, list: [1, 2.5, false] });
    await limited(this.connected.set(key, json, { PX: KEPT_MS }));
    const read = await limited(this.connected.get(key));
    return read === json
      ? ok('text of every language, numbers and null come back as they were')
      : unlike(json, read);
  }

  async lifetime(): Promise<Finding> {
    const key = `${this.keys}:short`;
    await limited(this.connected.set(key, '1', { PX: SHORT_MS }));
    const startedAt = performance.now();
    while (performance.now() - startedAt < EXPIRY_LIMIT_MS) {
      if ((await limited(this.connected.get(key))) === null)
        return ok(
          `a key that lives ${SHORT_MS} ms was gone after ${Math.ceil(performance.now() - startedAt)} ms`,
        );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return failed(
      'redis_no_expiry',
      `a key that lives ${SHORT_MS} ms was there after ${EXPIRY_LIMIT_MS} ms`,
      'Use a Redis, or one that keeps to its protocol: lifetimes (SET … PX) don’t work here.',
    );
  }

  async patternDelete(): Promise<Finding> {
    const { mode } = this.redis.endpoint;
    const keys = ['a', 'b', 'c'].map((name) => `${this.keys}:many:${name}`);
    for (const key of keys) await limited(this.connected.set(key, '1', { PX: KEPT_MS }));
    if (mode === 'cluster')
      return skipped('a cluster’s keys are on several servers; the product asks each of them');
    let deleted = 0;
    let cursor = '0';
    do {
      const found = await limited(
        this.connected.scan(cursor, { MATCH: `${this.keys}:many:*`, COUNT: 1_000 }),
      );
      cursor = found.cursor;
      for (const key of found.keys) deleted += await limited(this.connected.unlink(key));
    } while (cursor !== '0');
    if (deleted === keys.length)
      return ok(`found and deleted ${deleted} of ${keys.length} keys by their pattern`);
    return failed(
      'redis_pattern_delete',
      `found and deleted ${deleted} of ${keys.length} keys by their pattern`,
      'Let the user run SCAN and UNLINK: without them the cache can’t be cleared by pattern.',
    );
  }

  async evictionPolicy(): Promise<Finding> {
    if (this.redis.endpoint.mode === 'cluster')
      return skipped('each server of a cluster has its own; they must all be allkeys-lru');
    const memory = await limited(this.connected.info('memory'));
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'unknown';
    const { use, variable } = this.redis;
    if (use === 'cache') {
      if (policy !== 'noeviction') return ok(policy);
      return warning(
        'redis_cache_never_evicts',
        'noeviction: once this Redis is full, nothing new is cached',
        'redis-cli CONFIG SET maxmemory-policy allkeys-lru, and the same in redis.conf, with a maxmemory.',
      );
    }
    if (policy === 'noeviction') return ok(policy);
    const instead =
      use === 'queues'
        ? ''
        : ' To let the cache evict, give it a Redis of its own in CACHE_REDIS_URL with allkeys-lru.';
    return failed(
      'redis_wrong_eviction_policy',
      `${policy}: when memory runs short, Redis would drop jobs, locks, limits and quotas`,
      `redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf (the Redis of ${variable}).${instead}`,
    );
  }

  async latency(): Promise<Finding> {
    const ms: number[] = [];
    for (let read = 0; read < READS; read += 1) {
      const startedAt = performance.now();
      await limited(this.connected.get(`${this.keys}:value`));
      ms.push(performance.now() - startedAt);
    }
    const sorted = ms.toSorted((a, b) => a - b);
    const [p50, p95] = [sorted[Math.floor(READS / 2)]!, sorted[Math.floor(READS * 0.95)]!];
    const detail = `${READS} reads: p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`;
    const { deadlineMs } = this.redis;
    if (p95 < deadlineMs) return ok(detail);
    const mend = `Bring Redis nearer or relieve it; calls over CACHE_OPERATION_DEADLINE_MS (${deadlineMs} ms) count as misses.`;
    return p50 < deadlineMs ? warning('redis_slow', detail, mend) : failed('redis_slow', detail, mend);
  }

  private get connected(): RedisClient {
    return this.client!;
  }

  /** What answers there speaks something else than configured; null when it doesn't. */
  private async strangeProtocol(): Promise<Finding | null> {
    const { endpoint, variable } = this.redis;
    if (endpoint.mode !== 'single') return null;
    const place = endpoint.nodes[0]!;
    const address = addressOf(endpoint);
    let spoken;
    try {
      spoken = await speaks(place);
    } catch (error) {
      return diagnose(error as Error, endpoint, variable);
    }
    switch (spoken.kind) {
      case 'redis':
        if (!endpoint.tls) return null;
        return failed(
          'redis_tls_not_spoken',
          `${address}: TLS is configured, and the server speaks Redis without it`,
          `Write redis:// instead of rediss:// in ${variable} (REDIS_TLS_ENABLED=false), or use the server’s TLS port.`,
        );
      case 'tls':
        if (endpoint.tls) return null;
        return failed(
          'redis_tls_expected',
          `${address}: the server speaks TLS, which is not configured`,
          `Write rediss:// instead of redis:// in ${variable} (REDIS_TLS_ENABLED=true), with REDIS_TLS_CA_FILE for an authority of your own.`,
        );
      case 'silent':
        return failed(
          'redis_no_answer',
          `${address}: something accepts the connection and doesn’t answer`,
          `Check that a Redis is behind the host and port in ${variable}, and that it isn’t stopped or overloaded.`,
        );
      case 'other':
        return failed(
          'not_a_redis',
          `${address}: what answers there is no Redis; it said “${spoken.words}”`,
          `Correct the host and port in ${variable}: another service listens there.`,
        );
    }
  }
}

/** The server that is checked: behind sentinels the master they name. Null for a cluster, which has several. */
async function placeOf(endpoint: RedisEndpoint): Promise<Place | null> {
  if (endpoint.mode === 'cluster') return null;
  return endpoint.mode === 'sentinel' ? masterOf(endpoint) : endpoint.nodes[0]!;
}

async function versionOf(client: RedisClient): Promise<string> {
  const server = await limited(client.info('server')).catch(() => '');
  const version = /^redis_version:(\S+)/m.exec(server)?.[1];
  return version === undefined ? '' : `, Redis ${version}`;
}

async function limited<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${CONNECT_LIMIT_MS / 1_000} s`)),
      CONNECT_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function unlike(written: string, read: string | null): Finding {
  return failed(
    'redis_wrong_value',
    `${written.length} characters were written, ${read === null ? 'nothing' : `${read.length} others`} read`,
    'Look for what stands between (a proxy, a cluster that is set up as a single server) and changes values.',
  );
}
