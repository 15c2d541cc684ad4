import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningProduct, failingLog } from '../support/running-product.js';

const WEBHOOK_MAX_BYTES = 2_000;
const MANUAL_LOG_LIMIT_BYTES = 4_000;
const HTTP_BODY_LIMIT_BYTES = 1_024;

let product: RunningProduct;
beforeAll(async () => {
  product = await RunningProduct.start({
    WEBHOOK_MAX_BYTES: String(WEBHOOK_MAX_BYTES),
    MANUAL_LOG_LIMIT_BYTES: String(MANUAL_LOG_LIMIT_BYTES),
    HTTP_BODY_LIMIT_BYTES: String(HTTP_BODY_LIMIT_BYTES),
  });
});
afterAll(() => product.stop());

/** Sends without an announced length, and doesn't end: only a server that counts answers. */
async function sendChunked(path: string, type: string, body: string) {
  const request = httpRequest(`${product.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${product.apiKey}` },
  });
  request.write(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const problem = JSON.parse(await text(response)) as { code: string; detail: string };
  request.destroy();
  return { status: response.statusCode, ...problem };
}

const jsonOf = (bytes: number) => JSON.stringify({ log: failingLog() }).padEnd(bytes, ' ');

describe('the body limit of a route', () => {
  it('is the largest log by hand for logs as JSON, whatever the other routes take', async () => {
    const response = await product.request('/api/v1/incidents', {
      method: 'POST',
      body: jsonOf(MANUAL_LOG_LIMIT_BYTES),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(202);
  });

  it.each([
    ['/api/v1/incidents', MANUAL_LOG_LIMIT_BYTES],
    ['/api/v1/webhooks/github', WEBHOOK_MAX_BYTES],
    ['/api/v1/nothing', HTTP_BODY_LIMIT_BYTES],
  ])('of %s is held and named when the length is announced', async (path, limit) => {
    const response = await product.request(path, {
      method: 'POST',
      body: jsonOf(limit + 1),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
    expect(((await response.json()) as { detail: string }).detail).toContain(String(limit));
  });

  it.each([
    ['/api/v1/incidents', 'application/json', MANUAL_LOG_LIMIT_BYTES],
    ['/api/v1/incidents', 'text/plain', MANUAL_LOG_LIMIT_BYTES],
    ['/api/v1/webhooks/github', 'application/json', WEBHOOK_MAX_BYTES],
  ])('of %s is held and named when %s comes in chunks', async (path, type, limit) => {
    const answer = await sendChunked(path, type, 'x'.repeat(limit + 1));
    expect(answer).toMatchObject({ status: 413, code: 'payload_too_large' });
    expect(answer.detail).toContain(String(limit));
  });
});
