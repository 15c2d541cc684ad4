import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { createCache, type CacheHandle, type CacheOptions, type SharedStore } from '@app/cache';
import { loadConfig } from '@app/config';
import type { Cache, CacheKey } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { RecordingLog } from '../fakes/recording-log.js';
import { startRedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const WAIT = { timeout: 10_000, interval: 20 };
const key: CacheKey = { operation: 'facets', scope: 'all', id: 'all' };
const answer: CacheKey = { operation: 'llm.classify', id: 'model:1' };

const connected = (cache: Cache): Promise<void> =>
  vi.waitFor(async () => expect(await cache.ping()).toMatchObject({ ok: true }), WAIT);

/** A server that says the same to everything. */
async function oneAnswerServer(words: string, port: number): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', () => socket.write(words));
  });
  server.on('close', () => sockets.forEach((socket) => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

async function direct(url = inject('redisUrl')) {
  const client = createClient({ url });
  await client.connect();
  return client;
}

describe('what is in Redis and no longer true', () => {
  let handles: CacheHandle[];
  let network: TcpProxy;
  let prefix: string;
  let log: RecordingLog;

  const open = async (
    options: CacheOptions = {},
    url = network.urlFor(inject('redisUrl')),
  ): Promise<Cache> => {
    const env = {
      CACHE_REDIS_URL: url,
      CACHE_PREFIX: prefix,
      CACHE_BACKEND: 'redis',
      CACHE_OPERATION_DEADLINE_MS: '1000',
    };
    const handle = createCache(loadConfig(env), log, new Metrics(), options);
    handles.push(handle);
    await connected(handle.cache);
    return handle.cache;
  };
  const warnings = (): string[] =>
    log.entries.filter(({ level }) => level === 'warn').map(({ event }) => event);

  beforeEach(async () => {
    handles = [];
    log = new RecordingLog();
    prefix = `test-${randomUUID()}`;
    network = await TcpProxy.before(inject('redisUrl'));
  });

  afterEach(async () => {
    await network.mend();
    await Promise.all(handles.map((handle) => handle.close()));
    await network.cut();
  });

  it('is unreachable by its namespace’s new generation when more was invalidated than is remembered', async () => {
    const other = await open({}, inject('redisUrl'));
    const cache = await open({ rememberedInvalidations: { names: 5, patterns: 2 } });
    const keys = Array.from({ length: 20 }, (_, index): CacheKey => ({ ...key, id: `${index}` }));
    await cache.setMany(keys.map((each) => ({ key: each, value: 'old' })));
    await cache.set(answer, 'kept');
    await network.cut();
    await vi.waitFor(() => expect(cache.stats().redisConnected).toBe(false), WAIT);
    for (const each of keys.slice(0, 10)) await cache.delete(each);
    await network.mend();
    await vi.waitFor(() => expect(log.of('cache_invalidations_made_good')).toHaveLength(1), WAIT);
    expect(log.of('cache_invalidations_made_good')[0]).toMatchObject({ names: 0, namespaces: 1 });
    for (const reader of [cache, other])
      await vi.waitFor(
        async () => expect(await reader.getMany(keys)).toEqual(keys.map(() => undefined)),
        WAIT,
      );
    expect(await other.get(answer)).toBe('kept');
    await other.set(keys[0]!, 'new');
    await vi.waitFor(async () => expect(await cache.get(keys[0]!)).toBe('new'), WAIT);
  });

  it('is not read by the process that could not invalidate it, however often that fails', async () => {
    let failing = false;
    const around = (store: SharedStore): SharedStore =>
      new Proxy(store, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property, target);
          if (typeof member !== 'function') return member;
          return failing && (property === 'delete' || property === 'write')
            ? () => Promise.reject(new Error('lost on the way'))
            : (member.bind(target) as unknown);
        },
      });
    const cache = await open({ around });
    await cache.setMany([
      { key, value: 'old' },
      { key: { ...key, id: 'b' }, value: 'old' },
    ]);
    failing = true;
    await cache.delete(key);
    await cache.set({ ...key, id: 'b' }, 'newer');
    expect(await cache.getMany([key, { ...key, id: 'b' }])).toEqual([undefined, undefined]);
    expect(await cache.getOrLoad(key, async () => 'new')).toEqual({ value: 'new', outcome: 'miss' });
    failing = false;
    const other = await open({}, inject('redisUrl'));
    await vi.waitFor(
      async () => expect(await other.getMany([key, { ...key, id: 'b' }])).toEqual([undefined, undefined]),
      WAIT,
    );
    await cache.set(key, 'newest');
    expect(await other.get(key)).toBe('newest');
  });

  it('does not come back by a write that Redis carries out when its caller has given up', async () => {
    // Its own: nobody else's tests are to wait.
    const redis = await startRedisServer();
    const cache = await open({}, redis.url);
    const other = await open({}, redis.url);
    const admin = await direct(redis.url);
    await cache.set(key, 'old');
    await admin.sendCommand(['CLIENT', 'PAUSE', '2500', 'ALL']);
    // Waits in the socket until the pause is over, long after its caller has taken it for failed.
    await cache.set(key, 'late');
    await vi.waitFor(async () => expect(await other.ping()).toMatchObject({ ok: true }), WAIT);
    await vi.waitFor(() => expect(log.of('cache_invalidations_made_good').length).toBe(1), WAIT);
    expect(await other.get(key)).toBeUndefined();
    await admin.close();
    await redis.stop();
  });

  it('is a miss, and deleted, when it can’t be read', async () => {
    const cache = await open();
    const admin = await direct();
    await cache.set(key, 'value');
    const name = `${prefix}:facets:all:all`;
    for (const bytes of ['{"value":1}', '', 'x'.repeat(500)]) {
      await admin.set(name, bytes);
      expect(await cache.has(key)).toBe(false);
      expect(await cache.get(key)).toBeUndefined();
      expect(await admin.exists(name)).toBe(0);
    }
    await admin.set(name, 'damaged');
    expect(await cache.getOrLoad(key, async () => 'loaded')).toEqual({ value: 'loaded', outcome: 'miss' });
    expect(await cache.get(key)).toBe('loaded');
    await admin.close();
  });

  it('is forgotten when another Redis has taken its place, but for what its key says in full', async () => {
    const cache = await open();
    await cache.set(key, 'old');
    await cache.set(answer, 'kept');
    // What a restart from a snapshot looks like: another server, the same keys.
    const admin = await direct();
    await admin.hSet(`${prefix}:system:cache_generations`, 'server', 'another');
    await vi.waitFor(async () => expect(await cache.get(key)).toBeUndefined(), WAIT);
    expect(await cache.get(answer)).toBe('kept');
    await cache.set(key, 'new');
    expect(await cache.get(key)).toBe('new');
    await admin.close();
  });

  it.each([
    ['nonsense', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['OK to everything', '+OK\r\n'],
    ['numbers', ':7\r\n'],
  ])('is not mistaken for a value when a stranger answers with %s', async (_what, words) => {
    const redis = await startRedisServer();
    const cache = await open({}, redis.url);
    await cache.set(key, 'value');
    await redis.stop();
    const stranger = await oneAnswerServer(words, Number(new URL(redis.url).port));
    await vi.waitFor(() => expect(cache.stats().redisConnected).toBe(false), WAIT);
    for (let round = 0; round < 20; round += 1) {
      expect(await cache.get(key)).toBeUndefined();
      expect(await cache.getOrLoad(key, async () => 'loaded')).toMatchObject({ value: 'loaded' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(warnings()).toEqual(['redis_unreachable']);
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('keeps a load for all, though its process lost and found the bus meanwhile', async () => {
    const redis = await startRedisServer();
    const cache = await open({}, redis.url);
    const other = await open({}, redis.url);
    const gate = Promise.withResolvers<string>();
    const load = vi.fn<() => Promise<string>>(() => gate.promise);
    const loading = cache.getOrLoad(key, load);
    await vi.waitFor(() => expect(load).toHaveBeenCalled(), WAIT);
    const joined = log.of('cache_bus_joined').length;
    const admin = await direct(redis.url);
    await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await vi.waitFor(() => expect(log.of('cache_bus_joined').length).toBeGreaterThan(joined), WAIT);
    gate.resolve('loaded');
    await loading;
    expect(await other.get(key)).toBe('loaded');
    await admin.close();
    await redis.stop();
  });

  it('renews ahead in one process only, and shows it to all', async () => {
    const [a, b] = await Promise.all([open(), open({}, inject('redisUrl'))]);
    await a.set(key, 'old', { ttlMs: 2_000 });
    const renew = vi.fn<() => Promise<string>>(async () => 'new');
    await vi.waitFor(async () => {
      const [one, two] = await Promise.all([a.getOrLoad(key, renew), b.getOrLoad(key, renew)]);
      expect([one.outcome, two.outcome]).toEqual(['hit', 'hit']);
      expect(renew).toHaveBeenCalled();
    }, WAIT);
    await vi.waitFor(async () => expect(await b.get(key)).toBe('new'), WAIT);
    expect(renew).toHaveBeenCalledTimes(1);
  });
});
