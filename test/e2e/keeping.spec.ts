import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflowJobEvent, workflowRunEvent, type RunSeed } from '@app/github';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedServer } from '../integration/persistence/embedded-server.js';
import { createKey, runCli } from '../support/cli.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

interface Incident {
  readonly id: string;
  readonly status: string;
  readonly projectId: string;
  readonly fingerprint: string;
  readonly diagnosis: { readonly rootCause: string } | null;
}
interface Pattern {
  readonly flakiness: { rate: number | null; passes: number; passesOnSameCommit: number };
  readonly meanMsBetween: number | null;
  readonly likelyFixes: {
    redSha: string;
    greenSha: string;
    commits: { message: string; author: string }[];
    files: string[];
  }[];
}
interface Group {
  readonly value: string;
  readonly repository: string;
  readonly incidents: number;
  readonly timeToRepair: { count: number; medianMs: number | null };
}

const job = { name: 'build', failedStep: 'Run build', log: failingLog() };
const noon = Date.UTC(2026, 10, 20, 12);
const at = (minute: number) => new Date(noon + minute * 60_000);
const MINUTE_MS = 60_000;
/** Several commands, each a process of its own. */
const PATIENCE_MS = 120_000;
const SECRET = 'a-secret-of-the-project-alone';

let product: RunningProduct;
let folder: string;
let mended: Incident;
let green: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devflowfix-keeping-'));
  product = await RunningProduct.start({
    GITHUB_TOKEN: 'token',
    LEARN_INTERVAL_MS: '300',
    RECONCILE_INTERVAL_MS: '0',
    OUTBOX_GRACE_MS: '500',
    OUTBOX_SWEEP_INTERVAL_MS: '200',
  });
  mended = await turnsGreen();
});
afterAll(async () => {
  await product?.stop();
  await rm(folder, { recursive: true, force: true });
});

const settled = (id: string) =>
  product.until<Incident>(`/api/v1/incidents/${id}`, ({ status }) => !/received|diagnosing/.test(status));
const patternOf = async ({ fingerprint, projectId }: Incident) =>
  product.json<{ patterns: Pattern[] }>(
    `/api/v1/patterns/${encodeURIComponent(fingerprint)}?project=${projectId}`,
  );
const cli = async (...args: string[]) => {
  const env = { NODE_ENV: 'test', ...product.storeEnvironment, LOG_LEVEL: 'warn' };
  return runCli(args, { env, cwd: folder });
};
const post = (path: string, body: object) =>
  product.request(`/api/v1${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

/** A job fails on a commit, a person commits, and the job passes: all as GitHub tells it. */
async function turnsGreen(): Promise<Incident> {
  const repository = 'acme/mended';
  const commits = product.github.repository(repository);
  const headSha = commits.addCommit({ files: { 'src/basket.ts': 'let total: number = "1";\n' } }, 'main');
  green = commits.addCommit(
    { parents: [headSha], message: 'Type the basket', author: 'ada', files: { 'src/basket.ts': '1\n' } },
    'main',
  );
  const red: RunSeed = { repository, id: 900, headSha, branch: 'main', completedAt: at(1) };
  const failed = await settled(await product.failJob(red, { ...job, id: 9_001, completedAt: at(1) }));
  await product.deliver('workflow_run', workflowRunEvent(red));
  const passed = { id: 9_101, name: 'build', conclusion: 'success', completedAt: at(9) };
  const later: RunSeed = {
    repository,
    id: 910,
    headSha: green,
    branch: 'main',
    conclusion: 'success',
    completedAt: at(9),
    jobs: [passed],
  };
  product.github.addRun(later);
  await product.deliver('workflow_run', workflowRunEvent(later));
  await product.deliver('workflow_job', workflowJobEvent(later, passed));
  return product.until<Incident>(`/api/v1/incidents/${failed.id}`, ({ status }) => status === 'resolved');
}

describe('a pattern that turned green', () => {
  it('is offered the commits between red and green as its likely fix', async () => {
    const { patterns } = await product.until<{ patterns: Pattern[] }>(
      `/api/v1/patterns/${encodeURIComponent(mended.fingerprint)}`,
      (answer) => answer.patterns[0]!.likelyFixes.length > 0,
    );
    expect(patterns[0]).toMatchObject({
      flakiness: { rate: 0, passes: 1, passesOnSameCommit: 0 },
      meanMsBetween: null,
      likelyFixes: [
        {
          greenSha: green,
          commits: [{ message: 'Type the basket', author: 'ada' }],
          files: ['src/basket.ts'],
        },
      ],
    });
  });

  it('on the very commit that failed is flaky, with the mean time between its failures', async () => {
    const repository = 'acme/flaky';
    const headSha = product.github.repository(repository).addCommit({ files: { 'a.ts': 'x' } }, 'main');
    const log = failingLog("src/a.ts(1,1): error TS2304: Cannot find name 'x'.");
    const run: RunSeed = { repository, id: 920, headSha, branch: 'main', completedAt: at(1) };
    const first = await settled(await product.failJob(run, { ...job, log, id: 9_201, completedAt: at(1) }));
    const passed = { id: 9_202, name: 'build', conclusion: 'success', completedAt: at(5) };
    const again: RunSeed = { ...run, attempt: 2, conclusion: 'success', completedAt: at(5), jobs: [passed] };
    product.github.addRun(again);
    await product.deliver('workflow_job', workflowJobEvent(again, passed));
    const second: RunSeed = { repository, id: 930, headSha, branch: 'main', completedAt: at(31) };
    await settled(await product.failJob(second, { ...job, log, id: 9_301, completedAt: at(31) }));
    const path = `/api/v1/patterns/${encodeURIComponent(first.fingerprint)}`;
    const { patterns } = await product.until<{ patterns: Pattern[] }>(
      path,
      (answer) => answer.patterns[0]!.flakiness.passes > 0,
    );
    expect(patterns[0]).toMatchObject({
      flakiness: { rate: 1, passes: 1, passesOnSameCommit: 1 },
      meanMsBetween: 30 * MINUTE_MS,
      likelyFixes: [],
    });
    const flaky = await product.json<{ items: object[] }>(
      '/api/v1/analytics/flaky?from=2026-11-01T00:00:00Z',
    );
    expect(flaky.items).toMatchObject([
      { repository, fingerprint: first.fingerprint, passes: 1, passesOnSameCommit: 1, rate: 1 },
    ]);
  });
});

describe('figures', () => {
  it('say what became of incidents and runs, from the cache the second time', async () => {
    const path = '/api/v1/analytics/overview?days=30';
    const overview = await product.json<Record<string, object>>(path);
    expect(overview).toMatchObject({
      incidents: { proven: expect.any(Number) },
      timeToRepair: { count: expect.any(Number), medianMs: expect.any(Number) },
      failureRate: { baseline: { runs: 0, rate: null }, verdict: 'unknown' },
    });
    expect((await product.untilHit(path)).status).toBe(200);
    const of = `project=${mended.projectId}&from=2026-11-01T00:00:00Z`;
    expect(await product.json(`/api/v1/analytics/overview?${of}`)).toMatchObject({
      incidents: { opened: 1, resolved: 1, proven: 1, open: 0 },
      diagnoses: { shown: 1, reused: 0 },
      timeToDiagnosis: { count: 1 },
      timeToRepair: { count: 1, medianMs: 8 * MINUTE_MS, p90Ms: 8 * MINUTE_MS },
      failureRate: { runs: 2, failed: 1, rate: 0.5 },
    });
    const { items } = await product.json<{ items: { opened: number; failedRuns: number }[] }>(
      `/api/v1/analytics/trends?interval=week&${of}`,
    );
    expect(items.reduce((sum, { opened }) => sum + opened, 0)).toBe(1);
    expect(items.reduce((sum, { failedRuns }) => sum + failedRuns, 0)).toBe(1);
    const mttr = await product.json<{ items: Group[] }>(`/api/v1/analytics/mttr?by=job&${of}`);
    expect(mttr.items).toMatchObject([{ value: 'build', timeToRepair: { medianMs: 8 * MINUTE_MS } }]);
    const top = await product.json<{ items: Group[] }>(`/api/v1/analytics/top?${of}`);
    expect(top.items).toMatchObject([{ value: mended.fingerprint, repository: 'acme/mended', incidents: 1 }]);
    const health = `/api/v1/analytics/repositories/${mended.projectId}/health?from=2026-11-01T00:00:00Z`;
    expect(await product.json(health)).toMatchObject({
      repository: 'acme/mended',
      incidents: { opened: 1 },
      top: [{ value: mended.fingerprint }],
      flaky: [],
    });
  });

  it('and exports hold to the projects of a key', async () => {
    const key = await createKey(product.storeEnvironment, 'viewer', mended.projectId);
    const headers = { authorization: `Bearer ${key}` };
    const csv = await product.request('/api/v1/export/incidents.csv', { headers });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const lines = (await csv.text()).trim().split('\r\n');
    expect(lines[0]).toContain('id,repository,workflow,job');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([[mended.id, 'acme/mended']]);
    const overview = await product.request('/api/v1/analytics/overview', { headers });
    expect(await overview.json()).toMatchObject({ incidents: { opened: 1 } });
    const other = (await product.json<{ items: { id: string; repository: string }[] }>('/api/v1/projects'))
      .items;
    const { id } = other.find(({ repository }) => repository === 'acme/flaky')!;
    expect((await product.request(`/api/v1/analytics/repositories/${id}/health`, { headers })).status).toBe(
      404,
    );
    const foreign = await product.request(`/api/v1/export/incidents.csv?project=${id}`, { headers });
    expect((await foreign.text()).trim().split('\r\n')).toHaveLength(1);
  });

  it.each([
    'analytics/overview?days=0',
    'analytics/overview?days=7&from=2026-11-01T00:00:00Z',
    'analytics/overview?to=2026-11-01T00:00:00Z',
    'analytics/trends?from=2020-01-01T00:00:00Z',
    'analytics/trends?interval=hour',
    'analytics/mttr?by=weather',
    'analytics/top?limit=1000',
    'export/incidents.csv?status=lost',
  ])('refuse %s', async (path) => {
    expect((await product.request(`/api/v1/${path}`)).status).toBe(400);
  });
});

describe('a cause that a person called wrong', () => {
  it('is given nowhere any more, after a restart neither', async () => {
    const log = failingLog("src/w.ts(4,2): error TS2739: Type '{}' is missing the following properties.");
    const submit = async (): Promise<Incident> => {
      const response = await product.request('/api/v1/incidents?repository=acme/wrong&job=build', {
        method: 'POST',
        body: log,
        headers: { 'content-type': 'text/plain' },
      });
      return settled(((await response.json()) as { id: string }).id);
    };
    const first = await submit();
    await post(`/incidents/${first.id}/resolve`, { reason: 'Done.' });
    const second = await submit();
    const wrong = second.diagnosis!.rootCause;
    const asked = { question: 'Type is missing the following properties, why?', project: first.projectId };
    expect(await (await post('/chat', asked)).text()).toContain(JSON.stringify(wrong).slice(1, -1));
    expect((await post(`/incidents/${second.id}/feedback`, { rootCause: 'wrong' })).status).toBe(201);
    const nowhere = async () => {
      expect(await (await post('/chat', asked)).text()).not.toContain(JSON.stringify(wrong).slice(1, -1));
      const similar = await product.json<{ items: { incidentId: string }[] }>(
        `/api/v1/incidents/${second.id}/similar`,
      );
      expect(similar.items.map(({ incidentId }) => incidentId)).not.toContain(first.id);
      expect(JSON.stringify(await patternOf(first))).not.toContain(JSON.stringify(wrong).slice(1, -1));
      expect((await submit()).diagnosis!.rootCause).not.toBe(wrong);
    };
    await settled(second.id);
    await nowhere();
    await product.process.stop();
    await product.restart();
    await nowhere();
  });
});

describe('the command line beside a running server', () => {
  it('seals secrets anew, and what they vouch for goes on', async () => {
    const change = await product.request(`/api/v1/projects/${mended.projectId}`, {
      method: 'PATCH',
      body: JSON.stringify({ webhookSecret: SECRET, settings: { retention: { logDays: 7 } } }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await change.json()).toMatchObject({
      settings: { retention: { logDays: 7, diagnosisDays: null } },
    });
    const rotated = await cli('secrets', 'rotate');
    expect(rotated).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^[1-9]\d* secrets sealed anew/),
    });
    const run: RunSeed = { repository: 'acme/mended', id: 950, headSha: green, conclusion: 'success' };
    const vouched = await product.deliver('workflow_run', workflowRunEvent(run), { secret: SECRET });
    expect(vouched.status).toBeLessThan(300);
    const retention = await cli('projects', 'retention', 'acme/mended');
    expect(retention.stdout).toContain('Logs are kept 7 days');
    const tooLong = await cli('projects', 'retention', 'acme/mended', '--logs', '3000');
    expect(tooLong).toMatchObject({ code: 1, stderr: expect.stringContaining('kept 730 days') });
    const nobody = await cli('keys', 'create', '--project', 'nope');
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('No project nope') });
  });

  it(
    'backs up while others are served, and does not move what they are served from',
    { timeout: PATIENCE_MS },
    async () => {
      const file = join(folder, 'all.backup');
      const seen = { answered: 0, isOver: false };
      const asking = (async () => {
        while (!seen.isOver) if ((await product.request('/api/v1/incidents?limit=1')).ok) seen.answered += 1;
      })();
      const backup = await cli('db', 'backup', file);
      seen.isOver = true;
      await asking;
      expect(backup).toMatchObject({ code: 0, stdout: expect.stringContaining('rows in ') });
      expect(seen.answered).toBeGreaterThan(3);
      const moved = await cli('db', 'move-to-postgres', 'postgres://postgres@127.0.0.1:1/postgres');
      expect(moved).toMatchObject({ code: 1, stderr: expect.stringContaining('in use by process') });
    },
  );

  it('erases a project, restores what was, and moves it to a server', { timeout: PATIENCE_MS }, async () => {
    const file = join(folder, 'all.backup');
    expect(await cli('projects', 'erase', 'acme/mended')).toMatchObject({ code: 1 });
    expect((await cli('projects', 'erase', 'acme/mended', '--yes')).stderr).toContain('Nothing was erased');
    expect((await cli('db', 'restore', file)).stderr).toContain('DATA_DIR');
    await product.process.stop();
    const erased = await cli('projects', 'erase', 'acme/mended', '--yes');
    expect(erased).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 incidents\n/) });
    expect((await cli('projects', 'list')).stdout).not.toContain('acme/mended');
    expect(await cli('db', 'restore', file)).toMatchObject({ code: 0 });
    const server = await EmbeddedServer.start();
    try {
      const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(server.connection.socketDir)}`;
      const moved = await cli('db', 'move-to-postgres', url);
      expect(moved).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringContaining('copied and compared'),
      });
      expect(await cli('db', 'move-to-postgres', url)).toMatchObject({ code: 1 });
    } finally {
      await server.stop();
    }
    await product.restart();
    expect(await product.json<Incident>(`/api/v1/incidents/${mended.id}`)).toMatchObject({
      status: 'resolved',
    });
  });
});
