import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import { modelAnswer } from '../support/model-answers.js';
import { createKey } from '../support/cli.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

interface Agent {
  id: string;
  name: string;
  active: boolean;
  promptVersion: string;
}

let server: OpenAiServer;
let product: RunningProduct;
beforeAll(async () => {
  server = await OpenAiServer.start();
  server.answer = modelAnswer;
  product = await RunningProduct.start({
    LLM_PROVIDER: 'custom',
    LLM_BASE_URL: server.url,
    LLM_MODEL: 'stand-in:8b',
  });
});
afterAll(async () => {
  await product.stop();
  await server.close();
});

const change = (path: string, method = 'PATCH') => product.request(`/api/v1/agents/${path}`, { method });
const diagnosed = async (job: string, cause: string) => {
  const response = await product.request(`/api/v1/incidents?repository=acme/agents&job=${job}`, {
    method: 'POST',
    body: failingLog(cause),
    headers: { 'content-type': 'text/plain' },
  });
  const { id } = (await response.json()) as { id: string };
  return product.until<{ status: string; diagnosis: { fallbackReason: string | null; analyst: string } }>(
    `/api/v1/incidents/${id}`,
    ({ status }) => status === 'diagnosed',
  );
};

describe('the agents of a running product', () => {
  it('are listed and found by id and by name', async () => {
    const { items } = await product.json<{ items: Agent[] }>('/api/v1/agents');
    expect(items).toHaveLength(5);
    expect(await product.json('/api/v1/agents/name/validator')).toEqual(items[3]);
    expect(await product.json('/api/v1/agents/validate')).toEqual(items[3]);
    const unknown = await product.request('/api/v1/agents/janitor');
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'agent_not_found' }]);
  });

  it('are switched off and on, which diagnoses follow', async () => {
    expect((await change('solution/deactivate')).status).toBe(200);
    expect(await product.json('/api/v1/agents/name/solution-author')).toMatchObject({ active: false });
    const cause = "src/a.ts(1,1): error TS2304: Cannot find name 'alpha'.";
    const reason = async () => (await diagnosed(`job-${Date.now()}`, cause)).diagnosis.fallbackReason;
    await expect
      .poll(reason, { timeout: 20_000 })
      .toBe('llm_agent_inactive: The Solution author is switched off.');

    expect((await change('solution/activate')).status).toBe(200);
    await expect.poll(reason, { timeout: 20_000 }).toBeNull();
  });

  it('use the version that was promoted; there is no other', async () => {
    const promoted = await change('root_cause/versions/v3/promote', 'POST');
    expect(await promoted.json()).toMatchObject({ promptVersion: 'root_cause.v3' });
    const refused = await change('root_cause/versions/v99/promote', 'POST');
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'invalid_input' }]);
    expect((await change('root_cause/versions/nonsense/promote', 'POST')).status).toBe(400);
    await expect
      .poll(
        async () => {
          const { diagnosis } = await diagnosed(
            `v3-${Date.now()}`,
            "src/c.ts(1,1): error TS2551: Property 'gama' does not exist on type 'Letters'.",
          );
          return diagnosis.analyst;
        },
        { timeout: 20_000 },
      )
      .toMatch(/:root_cause\.v3$/);
  });

  it('are changed by admins alone', async () => {
    const key = await createKey(product.storeEnvironment, 'viewer');
    const headers = { authorization: `Bearer ${key}` };
    expect((await product.request('/api/v1/agents', { headers })).status).toBe(200);
    for (const [method, path] of [
      ['PATCH', 'validate/deactivate'],
      ['PATCH', 'validate/activate'],
      ['POST', 'validate/versions/2/promote'],
    ] as const) {
      const refused = await product.request(`/api/v1/agents/${path}`, { method, headers });
      expect(refused.status).toBe(403);
    }
    expect(await product.json('/api/v1/agents/validate')).toMatchObject({ active: true, updatedAt: null });
  });

  it('leave a trace of every change', () => {
    expect(product.process.printed).toContain('agent_version_promoted');
  });
});
