import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningProduct } from '../support/running-product.js';

const LIMIT = 5;
const WINDOW_SECONDS = 600;

let product: RunningProduct;
beforeAll(async () => {
  product = await RunningProduct.start({
    RATELIMIT_ENABLED: 'true',
    RATELIMIT_REQUESTS: String(LIMIT),
    RATELIMIT_WINDOW: String(WINDOW_SECONDS),
  });
});
afterAll(() => product.stop());

const rateOf = ({ headers }: Response) =>
  ['limit', 'remaining', 'reset'].map((name) => {
    const value = headers.get(`x-ratelimit-${name}`);
    return value === null ? null : Number(value);
  });

describe('the rate limit of an API key', () => {
  it('lets the limit through, counting down, and refuses the rest until the window is over', async () => {
    const answers = [];
    for (let request = 0; request < LIMIT + 2; request += 1)
      answers.push(await product.request('/api/v1/incidents'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers.map((answer) => rateOf(answer)[1])).toEqual([4, 3, 2, 1, 0, 0, 0]);

    const refused = answers.at(-1)!;
    const [limit, , reset] = rateOf(refused);
    expect(limit).toBe(LIMIT);
    const now = Date.now() / 1_000;
    expect(reset).toBeGreaterThan(now + WINDOW_SECONDS - 60);
    expect(reset).toBeLessThan(now + WINDOW_SECONDS + 60);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(WINDOW_SECONDS - 60);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await refused.json()).toMatchObject({
      status: 429,
      code: 'too_many_requests',
      title: 'Too Many Requests',
      detail: expect.stringContaining(`${LIMIT} requests`) as string,
      requestId: refused.headers.get('x-request-id'),
    });
  });

  it('never keeps anybody from health, figures and signed webhooks', async () => {
    for (let request = 0; request < 2 * LIMIT; request += 1) {
      for (const path of ['/health/live', '/metrics']) {
        const answer = await product.request(path);
        expect(answer.status).toBe(200);
        expect(rateOf(answer)).toEqual([null, null, null]);
      }
      expect((await product.deliver('ping', { zen: 'Keep it simple.' })).status).toBe(200);
    }
    const figures = await (await product.request('/metrics')).text();
    expect(figures).toContain('http_rate_limited_total{caller="key"} 2');
  });

  it('counts what proves no caller for its address: unknown keys and wrong signatures together', async () => {
    const statuses: number[] = [];
    for (let request = 0; request < 3; request += 1) {
      const headers = { authorization: 'Bearer dff_unknown' };
      statuses.push((await product.request('/api/v1/incidents', { headers })).status);
      statuses.push((await product.deliver('ping', {}, { secret: 'wrong' })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await product.deliver('ping', { zen: 'Still taken.' })).status).toBe(200);
  });
});

describe('an address on the list of exempt ones', () => {
  it('is never refused', async () => {
    const exempt = await RunningProduct.start({
      RATELIMIT_ENABLED: 'true',
      RATELIMIT_REQUESTS: '1',
      RATELIMIT_EXEMPT: '127.0.0.0/8',
    });
    for (let request = 0; request < 3; request += 1)
      expect((await exempt.request('/api/v1/incidents')).status).toBe(200);
    await exempt.stop();
  }, 90_000);
});
