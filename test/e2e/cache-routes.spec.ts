import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { RunningProduct } from '../support/running-product.js';

interface Statistics {
  backend: string;
  redis_connected: boolean;
  redis_used_memory?: number;
  hits: number;
}

let redis: RedisServer;
let product: RunningProduct;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  redis = await startRedisServer();
  client = createClient({ url: redis.url });
  await client.connect();
  product = await RunningProduct.start({
    CACHE_REDIS_URL: redis.url,
    // A busy machine is no reason to give the cache up.
    CACHE_OPERATION_DEADLINE_MS: '5000',
  });
  await product.until<Statistics>('/api/v1/cache/stats', ({ redis_connected }) => redis_connected);
});
afterAll(async () => {
  await product.stop();
  await client.close();
  await redis.stop();
});

const stored = async () => (await client.keys('devflowfix:*')).map((key) => key.slice('devflowfix:'.length));
const clear = (body: unknown) =>
  product.request('/api/v1/admin/cache/clear', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

describe('the routes of the cache', () => {
  it('answer what the cache and its Redis do', async () => {
    const statistics = await product.json<Statistics>('/api/v1/cache/stats');
    expect(statistics).toMatchObject({ backend: 'two_tier', redis_connected: true });
    expect(statistics.redis_used_memory).toBeGreaterThan(100_000);
    expect(await product.json('/api/v1/performance/cache')).toMatchObject({
      cache_metrics: { backend: 'two_tier' },
      nfr_target: { hit_rate_percent: expect.any(Number) },
      recommendation: expect.stringMatching(/\w/),
    });
    expect(await product.json('/api/v1/admin/cache/stats')).toMatchObject({ namespaces: expect.any(Object) });
  });

  it('clear what is asked for, and never what is no cache entry', async () => {
    const keys = [
      'facets:all:x',
      'github:logs:octo:app:1',
      'github:logs:octo:app-two:1',
      'lock:sweep',
      'queue:x',
    ];
    const left = async () =>
      (await client.keys('devflowfix:*')).filter((key) => keys.some((own) => key.endsWith(own)));
    for (const key of keys) await client.set(`devflowfix:${key}`, 'x');
    expect(await (await clear({ pattern: 'github:*:octo:app:*' })).json()).toEqual({ deleted: 1 });
    expect(await (await clear({ namespace: 'github' })).json()).toEqual({ deleted: 1 });
    expect(((await (await clear({ all: true })).json()) as { deleted: number }).deleted).toBeGreaterThan(0);
    expect((await left()).toSorted()).toEqual(['devflowfix:lock:sweep', 'devflowfix:queue:x']);
  });

  it.each([
    ['nothing', {}],
    ['two things', { all: true, namespace: 'llm' }],
    ['what is no cache entry', { namespace: 'queue' }],
    ['a pattern over locks', { pattern: 'lock:*' }],
    ['a pattern with a line break', { pattern: 'llm:*\n' }],
  ])('refuse to clear %s', async (_what, body) => {
    const response = await clear(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('warm what people ask for first, at start and on request', async () => {
    await product.until<{ namespaces: Record<string, { sets: number }> }>(
      '/api/v1/admin/cache/stats',
      ({ namespaces }) => ['agents', 'facets', 'stats'].every((name) => (namespaces[name]?.sets ?? 0) > 0),
    );
    await clear({ all: true });
    const response = await product.request('/api/v1/admin/cache/warm', { method: 'POST' });
    expect(((await response.json()) as { read: number }).read).toBeGreaterThan(3);
    expect(await stored()).toEqual(
      expect.arrayContaining(['facets:all:all', 'stats:all:global', expect.stringMatching(/^agents:\w/)]),
    );
  });

  it('answer what hits saved, day by day', async () => {
    const savings = await product.json<{ days: { day: string }[]; to: string }>(
      '/api/v1/analytics/savings?days=3',
    );
    expect(savings.days).toHaveLength(3);
    expect(savings.days.at(-1)!.day).toBe(savings.to);
    expect((await product.request('/api/v1/analytics/savings?days=0')).status).toBe(400);
  });
});
