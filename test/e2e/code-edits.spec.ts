import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenAiServer, type ChatRequest } from '../stand-ins/openai-server.js';
import { modelAnswer } from '../support/model-answers.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

const BASKET = `export function total(prices: string[]): number {
  let sum: number = 0;
  for (const price of prices) sum = price;
  return sum;
}
`;
const RIGHT = {
  path: 'src/basket.ts',
  search: 'sum = price;',
  replace: 'sum += Number(price);',
};
const INVENTED = [
  { path: 'src/ghost.ts', search: 'sum = price;', replace: '' },
  { path: 'src/basket.ts', search: 'sum = cost;', replace: '' },
  { path: 'src/basket.ts', search: 'sum', replace: 'total' },
  { path: '../../etc/passwd', search: 'root', replace: '' },
];

interface Detail {
  status: string;
  diagnosis: { reused: boolean; solution: { edits: unknown[] } };
}

let model: OpenAiServer;
let product: RunningProduct;
beforeAll(async () => {
  model = await OpenAiServer.start();
  model.answer = (request: ChatRequest) => {
    const answer = modelAnswer(request) as object;
    return request.schemaName === 'solution' ? { ...answer, edits: [...INVENTED, RIGHT] } : answer;
  };
  product = await RunningProduct.start({
    LLM_PROVIDER: 'custom',
    LLM_BASE_URL: model.url,
    LLM_MODEL: 'stand-in:8b',
  });
});
afterAll(async () => {
  await product.stop();
  await model.close();
});

/** A commit with these files, on which the build fails; answers the incident once it is diagnosed. */
async function fail(id: number, files: Record<string, string>) {
  const repository = 'acme/edits';
  const state = product.github.repository(repository);
  const parent = state.addCommit({ files: { 'package.json': '{}\n' } }, 'main');
  const headSha = state.addCommit({ parents: [parent], files: { 'package.json': '{}\n', ...files } }, 'main');
  const incidentId = await product.failJob(
    { repository, id, headSha },
    { id: id * 10, name: 'build', log: failingLog('src/basket.ts(3,31): error TS2322: Type is wrong.') },
  );
  const done = ({ status }: Detail) => status === 'diagnosed' || status === 'diagnosis_failed';
  return {
    incident: await product.until<Detail>(`/api/v1/incidents/${incidentId}`, done),
    timeline: JSON.stringify(await product.json(`/api/v1/incidents/${incidentId}/timeline`)),
  };
}

describe('a model that sees the files of the failing commit', () => {
  it('has its edits kept that stand at one place of one of them, and no other', async () => {
    const { incident, timeline } = await fail(1, {
      'src/basket.ts': BASKET,
      '.github/workflows/ci.yml': 'on: push\n',
    });
    expect(incident.diagnosis.solution.edits).toEqual([RIGHT]);
    expect(timeline).toContain('"files":2');
    const shown = model.requests.find(({ schemaName }) => schemaName === 'solution')!.user;
    expect(shown).toContain('[src/basket.ts]\nexport function total');
    expect(shown).toContain('[.github/workflows/ci.yml]\non: push');
  });

  it('is not asked again for a commit that the edit fits too, and is for one that it doesn’t', async () => {
    const asked = model.requests.length;
    const fits = await fail(2, { 'src/basket.ts': `// totals\n${BASKET}` });
    expect(fits.incident.diagnosis).toMatchObject({ reused: true, solution: { edits: [RIGHT] } });
    expect(model.requests).toHaveLength(asked);

    const differs = await fail(3, { 'src/basket.ts': BASKET.replace('sum = price;', 'sum = sum + price;') });
    expect(differs.incident.diagnosis).toMatchObject({ reused: false, solution: { edits: [] } });
    expect(model.requests.length).toBeGreaterThan(asked);
  });

  it('goes without them where GitHub doesn’t give them, and says so', async () => {
    const id = await product.failJob(
      { repository: 'acme/no-files', id: 9, headSha: 'e'.repeat(40) },
      { id: 90, name: 'build', log: failingLog('src/x.ts(1,1): error TS2304: Cannot find name x.') },
    );
    const done = ({ status }: Detail) => status === 'diagnosed';
    const incident = await product.until<Detail>(`/api/v1/incidents/${id}`, done);
    expect(incident.diagnosis.solution.edits).toEqual([]);
    const timeline = JSON.stringify(await product.json(`/api/v1/incidents/${id}/timeline`));
    expect(timeline).toContain('"filesMissing":"github_');
    expect(product.process.printed).toContain('repository_files_unavailable');
  });
});
