import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowJobEvent, type JobSeed, type RunSeed } from '@app/github';
import { TEST_APP, testApp } from '../support/github-app.js';
import { RunningProduct } from '../support/running-product.js';

interface IncidentAnswer {
  readonly id: string;
  readonly status: string;
  readonly jobName: string;
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

function runOf(id: number, conclusion: 'success' | 'failure', headSha: string): RunSeed {
  const jobs = Array.from({ length: JOBS }, (_, i): JobSeed => {
    const name = `check (${i})`;
    const cause =
      conclusion === 'failure'
        ? `ERROR: the ledger of shard ${'abcdefghijklmnopqrst'[i]} has no entries`
        : null;
    const steps = [
      { name: 'Set up job', startedAt: at(0), completedAt: at(1) },
      { name: `Run ./check.sh ${name}`, conclusion, startedAt: at(1), completedAt: at(16) },
    ];
    return {
      id: id * 100 + i,
      name,
      conclusion,
      steps,
      startedAt: at(0),
      completedAt: at(20),
      log: logOf(name, cause),
    };
  });
  return { repository, id, conclusion, headSha, branch: 'main', createdAt: at(0), completedAt: at(20), jobs };
}

describe('what a diagnosis asks of GitHub', () => {
  let product: RunningProduct;

  beforeAll(async () => {
    product = await RunningProduct.start({
      GITHUB_APP_ID: String(TEST_APP.id),
      GITHUB_APP_PRIVATE_KEY: TEST_APP.privateKey.replaceAll('\n', String.raw`\n`),
    });
    product.github.state.apps.app = testApp([{ id: 5, account: 'acme' }]);
    product.github.addRun(runOf(10, 'success', 'a'.repeat(40)));
    const code = product.github.repository(repository);
    const files = { '.github/workflows/ci.yml': 'on: push\n', 'ledger.txt': 'one\n' };
    code.addCommit({ sha: 'a'.repeat(40), files });
    for (const sha of ['b'.repeat(40), 'c'.repeat(40)]) {
      code.addCommit({ sha, parents: ['a'.repeat(40)], files: { ...files, 'ledger.txt': `${sha}\n` } });
    }
  });
  afterAll(() => product.stop());

  const incidents = () =>
    product.until<{ items: IncidentAnswer[] }>(
      '/api/v1/incidents?limit=100',
      ({ items }) =>
        items.length === JOBS &&
        items.every(({ status }) => status !== 'received' && status !== 'diagnosing'),
      20_000,
    );

  it('is at most ten calls and the logs for a run with 20 failed jobs', async () => {
    const { github } = product;
    await product.failRun(runOf(11, 'failure', 'b'.repeat(40)));
    const { items } = await incidents();
    expect(items.map(({ status }) => status)).toEqual(Array.from({ length: JOBS }, () => 'diagnosed'));
    // One of the logs is of the green run: what it printed too is not taken for the cause.
    expect(github.calls.log).toBe(JOBS + 1);
    expect(github.totalCalls).toBeLessThanOrEqual(10 + JOBS);
    expect(github.quota.callsPastLimit).toBe(0);
    const { id: firstId } = items.find(({ jobName }) => jobName === 'check (0)')!;
    const first = await product.json<IncidentAnswer>(`/api/v1/incidents/${firstId}`);
    expect(first.diagnosis!.citations[0]!.quote).toContain('the ledger of shard a has no entries');
  });

  it('is little more when every job reports by itself', async () => {
    const { github } = product;
    const before = github.totalCalls;
    const logs = github.calls.log;
    const run = runOf(12, 'failure', 'c'.repeat(40));
    github.addRun(run);
    for (const job of run.jobs!) await product.deliver('workflow_job', workflowJobEvent(run, job));
    await product.until<{ items: IncidentAnswer[] }>(
      '/api/v1/incidents?limit=100',
      ({ items }) => items.length === 2 * JOBS && items.every(({ status }) => status === 'diagnosed'),
      20_000,
    );
    // The green run's digests are known by now.
    expect(github.calls.log - logs).toBe(JOBS);
    expect(github.totalCalls - before).toBeLessThanOrEqual(10 + JOBS);
  });
});
