import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../../test/support/config-problems.js';
import { loadConfig } from './config.js';

const cacheOf = (variables: Record<string, string>) => loadConfig(variables).cache;

describe('cache configuration', () => {
  it('changes any part of a policy by its operation', () => {
    const { policyOverrides } = cacheOf({
      CACHE_TTL_LLM_CLASSIFY_SECONDS: '60',
      CACHE_GRACE_LLM_CLASSIFY_SECONDS: '0',
      CACHE_TIER_GITHUB_LOGS: 'two_tier',
      CACHE_COMPRESS_GITHUB_LOGS: 'no',
      CACHE_ENABLED_FACETS: 'false',
    });
    expect(policyOverrides).toEqual({
      llm_classify: { ttlMs: 60_000, graceMs: 0 },
      github_logs: { tier: 'two_tier', compress: false },
      facets: { enabled: false },
    });
  });

  it.each([
    ['CACHE_TTL_FACETS_SECONDS', '-1'],
    ['CACHE_TTL_FACETS_SECONDS', '0'],
    ['CACHE_GRACE_FACETS_SECONDS', 'long'],
    ['CACHE_TIER_FACETS', 'disk'],
    ['CACHE_COMPRESS_FACETS', 'maybe'],
    ['CACHE_ENABLED_FACETS', 'perhaps'],
    ['CACHE_TTL_SEARCH', '0'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(name)]);
  });

  it('knows the short names of lifetimes; the long one goes before, CACHE_TTL_SECONDS before REDIS_TTL', () => {
    const short = { CACHE_TTL_FACETS: '1', CACHE_TTL_SEARCH: '2', CACHE_TTL_STATS: '3', REDIS_TTL: '4' };
    expect(cacheOf(short).policyOverrides).toEqual({
      facets: { ttlMs: 1_000 },
      search: { ttlMs: 2_000 },
      stats: { ttlMs: 3_000 },
      llm_chat: { ttlMs: 4_000 },
    });
    const both = { ...short, CACHE_TTL_FACETS_SECONDS: '9', CACHE_TTL_SECONDS: '8' };
    expect(cacheOf(both).policyOverrides).toMatchObject({
      facets: { ttlMs: 9_000 },
      llm_chat: { ttlMs: 8_000 },
    });
  });

  it('is on by default; CACHE_ENABLED goes before its alias ENABLE_CACHE', () => {
    expect(cacheOf({}).enabled).toBe(true);
    expect(cacheOf({ ENABLE_CACHE: 'false' }).enabled).toBe(false);
    expect(cacheOf({ ENABLE_CACHE: 'false', CACHE_ENABLED: 'true' }).enabled).toBe(true);
  });

  it('is in memory without a Redis, in two tiers with one, or what CACHE_BACKEND says', () => {
    expect(cacheOf({}).backend).toBe('memory');
    expect(cacheOf({ REDIS_URL: 'redis://a' }).backend).toBe('two_tier');
    expect(cacheOf({ REDIS_URL: 'redis://a', CACHE_BACKEND: 'redis' }).backend).toBe('redis');
    expect(cacheOf({ REDIS_URL: 'redis://a', CACHE_BACKEND: 'memory' }).backend).toBe('memory');
    expect(problemsOf({ CACHE_BACKEND: 'two_tier' })).toEqual([expect.stringContaining('CACHE_BACKEND')]);
  });

  it('reads the rate limit; CACHE_TTL_RATELIMIT goes before RATELIMIT_WINDOW', () => {
    const defaults = { enabled: true, requests: 100, windowMs: 60_000, exempt: [] };
    expect(loadConfig({}).rateLimit).toEqual(defaults);
    const given = { RATELIMIT_ENABLED: 'no', RATELIMIT_REQUESTS: '7', RATELIMIT_WINDOW: '30' };
    expect(loadConfig(given).rateLimit).toMatchObject({ enabled: false, requests: 7, windowMs: 30_000 });
    expect(loadConfig({ ...given, CACHE_TTL_RATELIMIT: '5' }).rateLimit.windowMs).toBe(5_000);
    expect(loadConfig({ RATELIMIT_EXEMPT: ' 10.0.0.0/8, ::1 ,' }).rateLimit.exempt).toEqual([
      '10.0.0.0/8',
      '::1',
    ]);
    expect(() => loadConfig({ RATELIMIT_EXEMPT: 'localhost' })).toThrow('RATELIMIT_EXEMPT');
  });
});

describe('Redis configuration', () => {
  it('takes an address in parts', () => {
    const parts = { REDIS_HOST: 'db', REDIS_PORT: '6380', REDIS_DB: '2', REDIS_PASSWORD: 'p@ss/word' };
    const config = loadConfig(parts);
    expect(config.redisUrl).toBe('redis://:p%40ss%2Fword@db:6380/2');
    expect(config.redis).toEqual({
      mode: 'single',
      nodes: [{ host: 'db', port: 6380 }],
      sentinelName: null,
      username: null,
      password: 'p@ss/word',
      database: 2,
      tls: false,
      tlsCaFile: null,
      socketTimeoutMs: 5_000,
    });
    expect(config.cache.redis).toEqual(config.redis);
  });

  it('prefers REDIS_URL to parts, REDIS_PASSWORD to REDIS_AUTH, and the password in a URL to both', () => {
    expect(loadConfig({ REDIS_URL: 'redis://a', REDIS_HOST: 'b' }).redis?.nodes[0]?.host).toBe('a');
    expect(loadConfig({ REDIS_HOST: 'b', REDIS_AUTH: 'x' }).redis?.password).toBe('x');
    expect(loadConfig({ REDIS_HOST: 'b', REDIS_AUTH: 'x', REDIS_PASSWORD: 'y' }).redis?.password).toBe('y');
    expect(loadConfig({ REDIS_URL: 'redis://:z@a', REDIS_PASSWORD: 'y' }).redis?.password).toBe('z');
    expect(loadConfig({ REDIS_URL: 'redis://a:1/3', REDIS_AUTH: 'x' })).toMatchObject({
      redisUrl: 'redis://:x@a:1/3',
      redis: { password: 'x', database: 3 },
    });
  });

  it('speaks TLS by rediss:// or REDIS_TLS_ENABLED, with a CA file', () => {
    const file = { REDIS_TLS_CA_FILE: '/ca.pem', REDIS_SOCKET_TIMEOUT: '2' };
    const secure = { tls: true, tlsCaFile: '/ca.pem', socketTimeoutMs: 2_000 };
    expect(loadConfig({ REDIS_URL: 'rediss://a', ...file }).redis).toMatchObject(secure);
    const parts = loadConfig({ REDIS_HOST: 'a', REDIS_TLS_ENABLED: 'true', ...file });
    expect(parts.redis).toMatchObject(secure);
    expect(parts.redisUrl).toBe('rediss://a:6379');
  });

  it('takes sentinels or a cluster for the cache, and leaves the queues on their own Redis', () => {
    const sentinel = loadConfig({
      REDIS_URL: 'redis://q',
      CACHE_REDIS_SENTINELS: 's1:26379, s2',
      CACHE_REDIS_SENTINEL_NAME: 'main',
      REDIS_PASSWORD: 'x',
    });
    expect(sentinel.cache.redis).toMatchObject({
      mode: 'sentinel',
      sentinelName: 'main',
      password: 'x',
      nodes: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 6379 },
      ],
    });
    expect(sentinel.redis?.nodes).toEqual([{ host: 'q', port: 6379 }]);
    const cluster = loadConfig({ CACHE_REDIS_CLUSTER_NODES: 'c1:7000,c2:7001' }).cache;
    expect(cluster).toMatchObject({ backend: 'two_tier', redisUrl: null, redis: { mode: 'cluster' } });
  });

  it('puts the queues behind sentinels too, before any URL, and the cache with them unless it has its own', () => {
    const env = {
      REDIS_SENTINELS: 's1:26379',
      REDIS_SENTINEL_NAME: 'main',
      REDIS_PASSWORD: 'x',
      REDIS_URL: 'redis://a',
    };
    const config = loadConfig(env);
    const sentinel = {
      mode: 'sentinel',
      sentinelName: 'main',
      password: 'x',
      nodes: [{ host: 's1', port: 26379 }],
    };
    expect(config).toMatchObject({
      redisUrl: null,
      redis: sentinel,
      cache: { redis: sentinel, backend: 'two_tier' },
    });
    const own = loadConfig({ ...env, CACHE_REDIS_URL: 'redis://c' });
    expect(own).toMatchObject({ redis: sentinel, cache: { redis: { mode: 'single' } } });
  });

  it('refuses a cluster for the queues, and says where it belongs', () => {
    expect(problemsOf({ REDIS_CLUSTER_NODES: 'c1:7000' })).toEqual([
      expect.stringMatching(/^REDIS_CLUSTER_NODES: .*CACHE_REDIS_CLUSTER_NODES/),
    ]);
  });

  it('refuses what does not fit together', () => {
    const cluster = { CACHE_REDIS_CLUSTER_NODES: 'c1:7000' };
    expect(problemsOf({ ...cluster, CACHE_REDIS_SENTINELS: 's1' })).toHaveLength(1);
    expect(problemsOf({ ...cluster, REDIS_DB: '1' })).toHaveLength(1);
    expect(problemsOf({ CACHE_REDIS_CLUSTER_NODES: 'c1:70000' })).toHaveLength(1);
    expect(problemsOf({ REDIS_MAX_CONNECTIONS: '2' })).toEqual([
      expect.stringContaining('REDIS_MAX_CONNECTIONS'),
    ]);
  });

  it('forgets every Redis when REDIS_ENABLED is false', () => {
    const config = loadConfig({
      REDIS_ENABLED: 'false',
      REDIS_URL: 'redis://a',
      CACHE_REDIS_URL: 'redis://b',
    });
    expect(config).toMatchObject({ redisUrl: null, redis: null, cache: { redis: null, backend: 'memory' } });
  });
});
