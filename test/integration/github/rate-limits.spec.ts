import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRepository, type Cache } from '@app/domain';
import {
  fixedCredentials,
  GithubApi,
  GithubClients,
  GithubStandIn,
  OctokitCiProvider,
  rateLimitKey,
} from '@app/github';
import { FakeCache } from '../../fakes/fake-cache.js';
import { silentLog } from '../../fakes/recording-log.js';

const repository = parseRepository('octo/app');
const limited = { code: 'github_rate_limited', retryable: true };

describe("GitHub's limits", () => {
  let github: GithubStandIn;
  let cache: FakeCache;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    cache = new FakeCache();
    github.addRun({ repository: 'octo/app', id: 31, jobs: [{ id: 402, name: 'unit', log: 'the log\n' }] });
  });

  afterEach(() => github.close());

  /** Each is a process of its own. */
  const provider = (shared: Cache | null = cache) => {
    const options = { apiUrl: github.url, timeoutMs: 5_000, logMaxBytes: 1_000_000, retryBaseMs: 1 };
    const credentials = fixedCredentials({ token: 'tok' });
    const clients = new GithubClients({ options, credentials, cache: shared, log: silentLog() });
    return new OctokitCiProvider(new GithubApi(github.url, clients, null), options);
  };
  const leave = (remaining: number, resetsInMs: number) => {
    github.quota.remaining = remaining;
    github.quota.resetsAt = Date.now() + resetsInMs;
  };

  it('continues after the reset of a window that an answer said is used up, and sends nothing before it', async () => {
    leave(1, 1_500);
    const ci = provider();
    await ci.getRun(repository, 31);
    const usedUp = Date.now();
    expect((await ci.getRun(repository, 31)).id).toBe(31);
    expect(Date.now() - usedUp).toBeGreaterThan(1_000);
    expect([github.quota.callsPastLimit, github.calls.run]).toEqual([0, 2]);
  });

  it('tells when a far reset is instead of waiting for it', async () => {
    leave(1, 1_800_000);
    const ci = provider();
    await ci.getRun(repository, 31);
    for (const ask of [() => ci.getRun(repository, 31), () => ci.getJobLog(repository, 402)]) {
      const error = await ask().catch((e: { retryAfterMs: number }) => e);
      expect(error).toMatchObject(limited);
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_700_000);
    }
    expect([github.totalCalls, github.quota.callsPastLimit]).toEqual([1, 0]);
  });

  it('a secondary limit of one API pauses the other, in other processes too', async () => {
    const shas = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
    for (const sha of shas) github.repository('octo/app').addCommit({ sha, files: { 'a.txt': 'a\n' } });
    const [here, there] = [provider(), provider()];
    const ask = (ci: typeof here, sha: string) => ci.findFiles(repository, ['a.txt'], sha);
    await ask(here, shas[0]!);

    github.quota.pause(1_800_000);
    await expect(here.getRun(repository, 31)).rejects.toMatchObject(limited);
    await expect(ask(here, shas[1]!)).rejects.toMatchObject(limited);
    await expect(ask(there, shas[2]!)).rejects.toMatchObject(limited);
    expect(github.calls.graphql).toBe(1);
  });

  it('a secondary limit of GraphQL pauses REST', async () => {
    github.repository('octo/app').addCommit({ sha: 'a'.repeat(40), files: { 'a.txt': 'a\n' } });
    const [here, there] = [provider(), provider()];
    github.graphqlQuota.pause(1_800_000);
    await expect(here.findFiles(repository, ['a.txt'], 'a'.repeat(40))).rejects.toMatchObject(limited);
    await expect(here.getRun(repository, 31)).rejects.toMatchObject(limited);
    await expect(there.getRun(repository, 31)).rejects.toMatchObject(limited);
    expect(github.calls.run ?? 0).toBe(0);
  });

  it('questions do not wait for each other as writes do', async () => {
    const shas = Array.from({ length: 6 }, (_, index) => String(index).repeat(40));
    for (const sha of shas) github.repository('octo/app').addCommit({ sha, files: { 'a.txt': 'a\n' } });
    const ci = provider();
    const startedAt = Date.now();
    await Promise.all(shas.map((sha) => ci.findFiles(repository, ['a.txt'], sha)));
    expect(github.calls.graphql).toBe(6);
    // A second between each and the next would be five.
    expect(Date.now() - startedAt).toBeLessThan(4_000);
  });

  it('does not let the last calls of a window pass together', async () => {
    leave(3, 1_800_000);
    const ci = provider();
    await ci.getRun(repository, 31);
    const asked = [1, 2, 3, 4, 5, 6].map((attempt) => ci.listJobs(repository, 31, attempt));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect([github.totalCalls, github.quota.callsPastLimit]).toEqual([3, 0]);
  });

  it.each([
    ['primary', { kind: 'rate_limit', resetsInSeconds: 600 }],
    ['secondary', { kind: 'secondary_limit', retryAfterSeconds: 600 }],
  ] as const)('keeps another process from calling past a known %s limit', async (_, failure) => {
    github.fail('run', failure);
    await expect(provider().getRun(repository, 31)).rejects.toMatchObject(limited);
    await expect(provider().listJobs(repository, 31, 1)).rejects.toMatchObject(limited);
    expect(github.requests).toHaveLength(1);
  });

  it('shares what it knows, for people too', async () => {
    leave(4_001, 60_000);
    await provider().getRun(repository, 31);
    expect(await cache.get(rateLimitKey('github'))).toMatchObject({ remaining: 4_000, blockedUntil: null });
  });

  it('knows its own limits without a cache', async () => {
    github.fail('run', { kind: 'secondary_limit', retryAfterSeconds: 600 });
    const ci = provider(null);
    await expect(ci.getRun(repository, 31)).rejects.toMatchObject(limited);
    await expect(ci.getRun(repository, 31)).rejects.toMatchObject(limited);
    expect(github.requests).toHaveLength(1);
  });

  it('ends the wait with the reset that GitHub’s own clock says', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const reset = String(Math.floor(Date.now() / 1_000) + 3_600 + 600);
    const headers = { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    github.fail('run', { kind: 'status', status: 403, headers });
    const ci = provider();
    await expect(ci.getRun(repository, 31)).rejects.toMatchObject(limited);
    const error = await ci.getRun(repository, 31).catch((e: { retryAfterMs: number }) => e);
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeLessThan(605_000);
  });
});
