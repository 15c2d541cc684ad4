import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenAiServer, type ChatRequest } from '../stand-ins/openai-server.js';
import { modelAnswer } from '../support/model-answers.js';
import { runCli } from '../support/cli.js';
import { freePort } from '../support/product-process.js';
import { failingLog } from '../support/running-product.js';

interface Finding {
  name: string;
  verdict: string;
  problem?: string;
  detail: string;
  mend?: string;
}

const KEY = 'sk-test-0123456789abcdef';

let folder: string;
let server: OpenAiServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devflowfix-model-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  server = await OpenAiServer.start();
  server.answer = (request: ChatRequest) =>
    request.schemaName === 'readiness' ? { ready: true } : modelAnswer(request);
});
afterEach(() => server.close());

async function cli(args: string[], env: Record<string, string>, input = '') {
  const outcome = await runCli(args, {
    cwd: folder,
    env: {
      DATA_DIR: join(folder, 'data'),
      LLM_BASE_URL: server.url,
      LLM_API_KEY: KEY,
      LLM_MODEL: 'stand-in:8b',
      ...env,
    },
    input,
  });
  expect(outcome.stdout + outcome.stderr).not.toContain(KEY);
  return outcome;
}

type Trouble = [what: string, problem: string, mend: RegExp, prepare: () => Promise<Record<string, string>>];
const TROUBLES: readonly Trouble[] = [
  [
    'a host that nobody knows',
    'llm_dns',
    /name service/,
    async () => ({ LLM_BASE_URL: 'http://no-such-host.invalid/v1' }),
  ],
  [
    'nothing that listens',
    'llm_refused',
    /start the server/,
    async () => ({ LLM_BASE_URL: `http://127.0.0.1:${await freePort()}/v1` }),
  ],
  [
    'no TLS',
    'llm_tls',
    /http or https in LLM_BASE_URL/,
    async () => ({ LLM_BASE_URL: server.url.replace('http:', 'https:') }),
  ],
  [
    'a key that is refused',
    'llm_unauthorized',
    /LLM_API_KEY/,
    async () => {
      server.requiredKey = 'another';
      return {};
    },
  ],
  [
    'a model that is not known',
    'llm_not_found',
    /LLM_MODEL/,
    async () => {
      server.models = ['llama:70b'];
      server.fail({ kind: 'status', status: 404, error: { message: 'model not found' } }, 9);
      return {};
    },
  ],
  [
    'a model that keeps to no JSON',
    'llm_unusable_answer',
    /more able one/,
    async () => {
      server.fail({ kind: 'text', text: 'Yes, I am ready!' }, 9);
      return {};
    },
  ],
];

describe('analyze --model', () => {
  it('prints what the model makes of the log', async () => {
    const { code, stdout } = await cli(['analyze', '--model', '-'], {}, failingLog());
    expect(code).toBe(0);
    expect(stdout).toMatch(/Model\s+custom: stand-in:8b/);
    expect(stdout).toContain('A string is assigned to a number');
  });

  it.each(TROUBLES)(
    'with %s says %s, what mends it, and what the rules found',
    async (_, problem, mend, prepare) => {
      const { code, stdout, stderr } = await cli(['analyze', '--model', '-'], await prepare(), failingLog());
      expect(code).toBe(1);
      expect(stdout).toContain('TS2322');
      expect(stderr).toContain(`(${problem})`);
      expect(stderr).toMatch(mend);
    },
  );
});

const examine = async (env: Record<string, string>) => {
  const { code, stdout } = await cli(['doctor', '--json'], {
    // Refused at once: the database is not what is looked at here.
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    ...env,
  });
  const { checks } = JSON.parse(stdout) as { checks: Finding[] };
  return { code, checks: checks.filter(({ name }) => name.startsWith('model')) };
};

describe('doctor', () => {
  it('finds a model in order, and how it is asked', async () => {
    const { checks } = await examine({});
    expect(checks.map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
    server.formats = ['text'];
    expect((await examine({})).checks[1]).toMatchObject({ verdict: 'warning', problem: 'llm_no_json_mode' });
  });

  it.each(TROUBLES)('with %s says %s and what mends it', async (_, problem, mend, prepare) => {
    const { code, checks } = await examine(await prepare());
    expect(code).toBe(1);
    const found = checks.find(({ verdict }) => verdict === 'failed');
    expect(found).toMatchObject({ problem });
    expect(found!.mend).toMatch(mend);
  });

  it('names the models that the server lists beside one that it does not know', async () => {
    const { checks } = await examine(await TROUBLES[4]![3]());
    expect(checks[1]!.detail).toContain('llama:70b');
  });
});
