import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRepository, type FailedJob } from '@app/domain';
import {
  CachedCiProvider,
  CachedJobBaselines,
  fixedCredentials,
  GithubApi,
  GithubClients,
  GithubStandIn,
  OctokitCiProvider,
} from '@app/github';
import { logReading, ReadLog } from '@app/pipeline';
import { FakeCache } from '../../fakes/fake-cache.js';
import { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { silentLog } from '../../fakes/recording-log.js';

const JOBS = 20;
const repository = parseRepository('octo/app');
const at = new Date('2026-11-20T10:00:00Z');
const log = `${at.toISOString()} ##[group]Run make\n${at.toISOString()} ##[error]Process completed with exit code 2.\n`;

describe('reading the logs of a run with 20 failed jobs', () => {
  let github: GithubStandIn;
  let cache: FakeCache;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    cache = new FakeCache();
    for (const [id, conclusion, headSha] of [
      [1, 'success', 'a'],
      [2, 'failure', 'b'],
    ] as const) {
      const jobs = Array.from({ length: JOBS }, (_, i) => ({
        id: id * 100 + i,
        name: `job ${i}`,
        conclusion,
        log,
      }));
      github.addRun({
        repository: 'octo/app',
        id,
        conclusion,
        headSha: headSha.repeat(40),
        workflowId: 7,
        jobs,
      });
    }
  });

  afterEach(() => github.close());

  /** A worker of its own; the archive may be another than before, the cache is shared. */
  const readAll = async (store = new InMemoryPersistence({ now: () => at })) => {
    const options = { apiUrl: github.url, timeoutMs: 5_000, logMaxBytes: 1_000_000 };
    const credentials = fixedCredentials({ token: 'tok' });
    const clients = new GithubClients({ options, credentials, cache, log: silentLog() });
    const inner = new OctokitCiProvider(new GithubApi(github.url, clients, cache), options);
    const ci = new CachedCiProvider(inner, cache, silentLog());
    const baselines = new CachedJobBaselines(ci, cache, silentLog());
    const reading = logReading(ci, baselines, silentLog(), 1_000_000);
    const readLog = new ReadLog(store.logs, store.deliveries, reading);
    const failed = Array.from({ length: JOBS }, (_, i): FailedJob => ({
      source: 'github',
      repository,
      runId: 2,
      jobName: `job ${i}`,
      attempt: 1,
      jobId: 200 + i,
      workflowId: 7,
      workflowName: 'CI',
      conclusion: 'failure',
      headSha: 'b'.repeat(40),
      branch: 'main',
      pullRequests: [],
      failedStep: null,
      failedAt: at,
      url: null,
    }));
    for (const { incidentId } of await store.incidents.open(failed)) {
      await readLog.run(await store.incidents.get(incidentId));
    }
    return store;
  };

  it('costs ten calls beside the logs at most, and nothing the next time', async () => {
    await readAll();
    expect(github.calls.log).toBe(JOBS + 1);
    expect(github.totalCalls).toBeLessThanOrEqual(10 + JOBS);
    const asked = github.requests.length;
    await readAll();
    expect(github.requests.slice(asked)).toEqual([]);
  });

  it('does without steps and comparisons that can’t be had', async () => {
    github.fail('run', { kind: 'status', status: 403 }, 1_000);
    github.fail('workflow_runs', { kind: 'status', status: 403 }, 1_000);
    const store = await readAll();
    const { items } = await store.incidents.list({}, 100, null);
    const archived = await Promise.all(items.map(({ id }) => store.logs.find(id, 1)));
    expect(archived.every((one) => one !== null)).toBe(true);
  });
});
