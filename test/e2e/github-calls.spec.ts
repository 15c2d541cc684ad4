import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { workflowJobEvent, type JobSeed, type RunSeed } from '@app/github';
import { TEST_APP, testApp } from '../support/github-app.js';
import { RunningProduct } from '../support/running-product.js';

interface IncidentAnswer {
  readonly id: string;
  readonly status: string;
  readonly jobName: string;
  readonly category: string;
  readonly diagnosis: { readonly citations: readonly { readonly quote: string }[] } | null;
}

const JOBS = 20;
const repository = 'acme/matrix';
const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 10, 0, second));

/** A job's raw log: the same complaint whether it passes or fails, and what broke. */
function logOf(name: string, cause: string | null): string {
  const lines = [
    `##[group]Run ./check.sh ${name}`,
    `./check.sh ${name}`,
    '##[endgroup]',
    ...['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa'].map(
      (word) => `Reading the ${word} table of ${name}`,
    ),
    'AssertionError: the cart cache did not answer in time, going on without it',
    ...(cause === null ? ['All is well'] : [cause, '##[error]Process completed with exit code 1.']),
    'Post job cleanup.',
  ];
  return lines.map((line, i) => `${at(i + 1).toISOString()} ${line}\n`).join('');
}

const part = (i: number) => `src/part-${'abcdefghijklmnopqrst'[i]}.ts`;

/** The runner of this one died: its log breaks off, and only an annotation says why. */
const DIED = 7;
const SHUTDOWN =
  'The runner has received a shutdown signal. This can happen when the runner service is stopped.';

function runOf(id: number, conclusion: 'success' | 'failure', headSha: string, branch = 'main'): RunSeed {
  const jobs = Array.from({ length: JOBS }, (_, i): JobSeed => {
    const name = `check (${i})`;
    const cause =
      conclusion === 'failure'
        ? `${part(i)}(3,7): error TS2322: the ledger of shard ${i} has no entries`
        : null;
    const steps = [
      { name: 'Set up job', startedAt: at(0), completedAt: at(1) },
      { name: `Run ./check.sh ${name}`, conclusion, startedAt: at(1), completedAt: at(16) },
    ];
    const died = cause !== null && i === DIED;
    return {
      id: id * 100 + i,
      name,
      conclusion,
      steps,
      startedAt: at(0),
      completedAt: at(20),
      log: died ? logOf(name, null).split('AssertionError')[0] : logOf(name, cause),
      annotations: died ? [{ path: '.github', start_line: 1, message: SHUTDOWN }] : [],
    };
  });
  return { repository, id, conclusion, headSha, branch, createdAt: at(0), completedAt: at(20), jobs };
}

const filesAt = (sha: string) =>
  Object.fromEntries([
    ['.github/workflows/ci.yml', 'on: push\n'],
    ...Array.from({ length: JOBS }, (_, i) => [part(i), `// ${sha}\n`]),
    ...Array.from({ length: 15 }, (_, i) => [`docs/${i}.md`, `${sha}\n`]),
  ]) as Record<string, string>;

/** The logs, and ten more. */
function isWithinBudget(paths: readonly string[]): boolean {
  return paths.length <= 10 + JOBS;
}

describe('what a diagnosis asks of GitHub', () => {
  let product: RunningProduct;

  beforeAll(async () => {
    product = await RunningProduct.start({
      GITHUB_APP_ID: String(TEST_APP.id),
      GITHUB_APP_PRIVATE_KEY: TEST_APP.privateKey.replaceAll('\n', String.raw`\n`),
      CACHE_REDIS_URL: inject('redisUrl'),
      // A busy machine is no reason to ask again.
      CACHE_OPERATION_DEADLINE_MS: '2000',
      RECONCILE_INTERVAL_MS: '0',
      CACHE_PREFIX: `calls-${randomUUID()}`,
    });
    product.github.state.apps.app = testApp([{ id: 5, account: 'acme' }]);
    product.github.addRun(runOf(10, 'success', 'a'.repeat(40)));
    const code = product.github.repository(repository);
    code.addCommit({ sha: 'a'.repeat(40), files: filesAt('a') });
    for (const sha of ['b'.repeat(40), 'c'.repeat(40), 'd'.repeat(40)]) {
      code.addCommit({ sha, parents: ['a'.repeat(40)], files: filesAt(sha) });
    }
  });
  afterAll(() => product.stop());

  /** The incidents, once there are so many and all of them are diagnosed. */
  const diagnosed = async (count: number) => {
    const { items } = await product.until<{ items: IncidentAnswer[] }>(
      '/api/v1/incidents?limit=100',
      ({ items: found }) => found.length === count && found.every(({ status }) => status === 'diagnosed'),
      40_000,
    );
    return items;
  };
  const pathsSince = (asked: number) =>
    product.github.requests
      .slice(asked)
      .filter(({ route }) => route !== 'storage')
      .map(({ path }) => path);
  const timelineOf = async (id: string) =>
    (await product.json<{ items: { facts: Record<string, unknown> }[] }>(`/api/v1/incidents/${id}/timeline`))
      .items;

  it('is at most ten calls and the logs for a run with 20 failed jobs', { timeout: 60_000 }, async () => {
    const { github } = product;
    await product.failRun(runOf(11, 'failure', 'b'.repeat(40)));
    const items = await diagnosed(JOBS);
    // One of the logs is of the green run: what it printed too is not taken for the cause.
    expect(github.calls.log).toBe(JOBS + 1);
    expect(pathsSince(0)).toSatisfy(isWithinBudget);
    expect([github.calls.graphql, github.calls.contents]).toEqual([2, 0]);
    expect(github.quota.callsPastLimit).toBe(0);

    const one = (name: string) => {
      const { id } = items.find(({ jobName }) => jobName === name)!;
      return product.json<IncidentAnswer>(`/api/v1/incidents/${id}`);
    };
    const first = await one('check (0)');
    expect(first.diagnosis!.citations[0]!.quote).toContain('the ledger of shard 0 has no entries');
    expect((await one(`check (${DIED})`)).category).toBe('runner_infra');
    // Every diagnosis had the workflow and eleven of the 35 changed files.
    const facts = (await timelineOf(first.id)).map(({ facts: told }) => told['files']);
    expect(facts).toContain(12);
  });

  it(
    'is nothing when each of them is diagnosed again, by a process that was started anew',
    { timeout: 90_000 },
    async () => {
      const { github } = product;
      const items = await diagnosed(JOBS);
      await product.process.stop();
      await product.restart();
      const asked = github.requests.length;
      for (const { id } of items) {
        const path = `/api/v1/incidents/${id}/diagnose?fresh=true`;
        const response = await product.request(path, { method: 'POST' });
        expect(response.status).toBe(202);
      }
      await vi.waitFor(
        async () => {
          const timelines = await Promise.all(items.map(({ id }) => timelineOf(id)));
          const gathered = timelines.map((events) =>
            events.filter(({ facts }) => facts['files'] !== undefined),
          );
          expect(gathered.map(({ length }) => length)).toEqual(items.map(() => 2));
        },
        { timeout: 40_000, interval: 200 },
      );
      expect(pathsSince(asked)).toEqual([]);
    },
  );

  it(
    'is little more when every job reports by itself, on a branch that never was green',
    { timeout: 60_000 },
    async () => {
      const { github } = product;
      const asked = github.requests.length;
      const logs = github.calls.log;
      const run = runOf(12, 'failure', 'c'.repeat(40), 'topic');
      github.addRun(run);
      for (const job of run.jobs!) await product.deliver('workflow_job', workflowJobEvent(run, job));
      await diagnosed(2 * JOBS);
      expect(github.calls.log - logs).toBeLessThanOrEqual(JOBS + 1);
      expect(pathsSince(asked)).toSatisfy(isWithinBudget);
    },
  );
});
