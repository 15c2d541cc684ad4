import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import { modelAnswer } from '../support/model-answers.js';
import { createKey } from '../support/cli.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

interface Quota {
  projectId: string | null;
  type: string;
  period: string;
  requests_used: number;
  limit: number | null;
  reset_in_seconds: number;
}
interface Costs {
  total: { calls: number; costUsd: number };
  byProject: { key: string; calls: number }[];
  byOperation: { key: string; calls: number }[];
}
interface Incident {
  status: string;
  projectId: string;
  diagnosis: { fallbackReason: string | null };
}

/** Four of the first project; of the second what no project may share: the solution and its validation. */
const CALLS = 6;

let server: OpenAiServer;
let product: RunningProduct;
beforeAll(async () => {
  server = await OpenAiServer.start();
  server.answer = modelAnswer;
  product = await RunningProduct.start({
    LLM_PROVIDER: 'custom',
    LLM_BASE_URL: server.url,
    LLM_MODEL: 'stand-in:8b',
    LLM_MAX_ATTEMPTS: '1',
    LLM_PRICE_INPUT_USD_PER_MILLION: '2',
    LLM_PRICE_OUTPUT_USD_PER_MILLION: '10',
    LLM_QUOTA_MONTHLY_CALLS: '1000',
    LLM_PROJECT_QUOTA_DAILY_CALLS: '4',
  });
});
afterAll(async () => {
  await product.stop();
  await server.close();
});

const diagnosed = async (repository: string, name: string) => {
  const response = await product.request(`/api/v1/incidents?repository=${repository}&job=${name}`, {
    method: 'POST',
    body: failingLog(`src/a.ts(1,1): error TS2304: Cannot find name '${name}'.`),
    headers: { 'content-type': 'text/plain' },
  });
  const { id } = (await response.json()) as { id: string };
  return product.until<Incident>(`/api/v1/incidents/${id}`, ({ status }) => status === 'diagnosed');
};

describe('usage of a running product', () => {
  it('is counted against the quotas; past them the rules answer and say so', async () => {
    const { projectId, diagnosis } = await diagnosed('acme/one', 'alpha');
    expect(diagnosis.fallbackReason).toBeNull();
    const past = await diagnosed('acme/one', 'omega');
    expect(past.diagnosis.fallbackReason).toMatch(
      /^llm_budget_exhausted: the day's budget of the project \(4 calls/,
    );
    expect((await diagnosed('acme/two', 'alpha')).diagnosis.fallbackReason).toBeNull();

    const { quotas } = await product.json<{ quotas: Quota[] }>(`/api/v1/usage?project=${projectId}`);
    expect(quotas).toHaveLength(6);
    const [calls] = quotas.filter(({ type, period }) => type === 'calls' && period === 'day');
    expect(calls).toMatchObject({ projectId, requests_used: 4, limit: 4 });
    expect(calls!.reset_in_seconds).toBeGreaterThan(0);
    expect(calls!.reset_in_seconds).toBeLessThanOrEqual(86_400);

    const all = await product.json<{ quotas: Quota[] }>('/api/v1/usage');
    expect(all.quotas.every((quota) => quota.projectId === null)).toBe(true);
    const [month] = all.quotas.filter(({ type, period }) => type === 'calls' && period === 'month');
    expect(month).toMatchObject({ requests_used: CALLS, limit: 1_000 });
    const [dollars] = all.quotas.filter(({ type, period }) => type === 'cost_usd' && period === 'day');
    expect(dollars!.requests_used).toBeCloseTo(CALLS * 0.004, 6);
    expect(dollars!.limit).toBeNull();
  });

  it('is added up by project and operation', async () => {
    const costs = await product.json<Costs>('/api/v1/usage/costs');
    expect(costs.total.calls).toBe(CALLS);
    expect(costs.total.costUsd).toBeCloseTo(CALLS * 0.004, 6);
    expect(costs.byProject.map(({ calls }) => calls).toSorted()).toEqual([2, 4]);
    expect(costs.byOperation.map(({ key }) => key)).toEqual([
      'classify',
      'root_cause',
      'solution',
      'validate',
    ]);
    const refused = await product.request(
      '/api/v1/usage/costs?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
    );
    expect(refused.status).toBe(400);
  });

  it('is shown to a caller of one project for that project alone', async () => {
    const { items } = await product.json<{ items: { projectId: string; repository: string }[] }>(
      '/api/v1/incidents',
    );
    const idOf = (name: string) => items.find(({ repository }) => repository === name)!.projectId;
    const key = await createKey(product.storeEnvironment, 'viewer', idOf('acme/one'));
    const headers = { authorization: `Bearer ${key}` };
    const { quotas } = await product.json<{ quotas: Quota[] }>('/api/v1/usage', { headers });
    expect([...new Set(quotas.map(({ projectId }) => projectId))]).toEqual([idOf('acme/one')]);
    const costs = await product.json<Costs>('/api/v1/usage/costs', { headers });
    expect(costs.byProject).toMatchObject([{ key: idOf('acme/one'), calls: 4 }]);
    for (const path of ['usage', 'usage/costs']) {
      const other = await product.request(`/api/v1/${path}?project=${idOf('acme/two')}`, { headers });
      expect([other.status, await other.json()]).toMatchObject([404, { code: 'project_not_found' }]);
    }
  });
});
