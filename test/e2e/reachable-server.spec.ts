import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../support/cli.js';
import { freePort, ProductProcess } from '../support/product-process.js';

let dataDir: string;
let product: ProductProcess;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-reachable-'));
  product = await ProductProcess.spawn('standalone', {
    HOST: '0.0.0.0',
    PORT: String(await freePort()),
    DATA_DIR: dataDir,
  }).ready();
});
afterAll(async () => {
  await product.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('an embedded server that other machines reach', () => {
  it('prints no API key, says how to make one, and takes it', async () => {
    expect(product.apiKey).toBeNull();
    expect(product.printed).toContain('keys create');
    expect((await fetch(`${product.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${product.url}/health/ready`)).status).toBe(200);

    const key = await createKey({ DATA_DIR: dataDir }, 'viewer');
    const headers = { authorization: `Bearer ${key}` };
    const figures = await fetch(`${product.url}/metrics`, { headers });
    expect(figures.status).toBe(200);
    expect(figures.headers.get('content-type')).toContain('text/plain');
    expect(await figures.text()).toContain('http_request_duration_seconds_bucket');
    expect((await fetch(`${product.url}/api/v1/incidents`, { headers })).status).toBe(200);
  });
});
