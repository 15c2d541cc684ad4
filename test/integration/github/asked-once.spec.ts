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
const SHA = 'a'.repeat(40);
const limited = { code: 'github_rate_limited', retryable: true };

describe('what GitHub is asked', () => {
  let github: GithubStandIn;
  let cache: FakeCache;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    cache = new FakeCache();
    github.addRun({
      repository: 'octo/app',
      id: 31,
      conclusion: 'failure',
      jobs: [{ id: 402, name: 'unit' }],
    });
    const files = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' };
    github.repository('octo/app').addCommit({ sha: SHA, files });
  });

  afterEach(() => github.close());

  /** Each is a process of its own, without what keeps whole answers. */
  const provider = (shared: Cache = cache, token: string | null = 'tok') => {
    const options = { apiUrl: github.url, timeoutMs: 5_000, logMaxBytes: 1_000_000, retryBaseMs: 1 };
    const credentials = fixedCredentials({ token });
    const clients = new GithubClients({ options, credentials, cache: shared, log: silentLog() });
    return new OctokitCiProvider(new GithubApi(github.url, clients, shared), options);
  };

  const find = (ci = provider(), paths = ['a.txt', 'b.txt', 'c.txt']) => ci.findFiles(repository, paths, SHA);

  describe('again', () => {
    it('costs no quota as long as nothing changed, whichever process asks', async () => {
      const first = await provider().getRun(repository, 31);
      const { remaining } = github.quota;
      expect(await provider().getRun(repository, 31)).toEqual(first);
      expect([github.calls.run, github.notModified.run, github.quota.remaining]).toEqual([1, 1, remaining]);
    });

    it('gives the new answer once it changed, and keeps that', async () => {
      const ci = provider();
      await ci.getRun(repository, 31);
      github.addRun({ repository: 'octo/app', id: 31, conclusion: 'success' });
      expect((await ci.getRun(repository, 31)).conclusion).toBe('success');
      expect((await ci.getRun(repository, 31)).conclusion).toBe('success');
      expect([github.calls.run, github.notModified.run]).toEqual([2, 1]);
    });

    it('revalidates each page of a list by itself', async () => {
      const jobs = Array.from({ length: 150 }, (_, i) => ({ id: 1_000 + i, name: `job ${i}` }));
      github.addRun({ repository: 'octo/app', id: 32, jobs });
      const ci = provider();
      await ci.listJobs(repository, 32, 1);
      github.addRun({
        repository: 'octo/app',
        id: 32,
        jobs: [...jobs.slice(0, 149), { id: 9, name: 'new' }],
      });
      const again = await ci.listJobs(repository, 32, 1);
      expect([again.length, again.at(-1)!.name]).toEqual([150, 'new']);
      expect([github.calls.jobs, github.notModified.jobs]).toEqual([3, 1]);
    });

    it('is asked in full where nothing can be kept', async () => {
      cache.away = true;
      const ci = provider();
      await ci.getRun(repository, 31);
      await ci.getRun(repository, 31);
      expect([github.calls.run, github.notModified.run]).toEqual([2, 0]);
    });
  });

  describe('at the same time', () => {
    it('is one request a URL, however many ask', async () => {
      const ci = provider();
      const asked = Array.from({ length: 20 }, () => ci.getRun(repository, 31));
      const other = ci.listJobs(repository, 31, 1);
      expect(new Set((await Promise.all(asked)).map(({ id }) => id))).toEqual(new Set([31]));
      await other;
      expect(github.requests.map(({ route }) => route).toSorted()).toEqual(['jobs', 'run']);
    });

    it('fails for all who asked together, and for nobody after them', async () => {
      github.fail('run', { kind: 'status', status: 404 });
      const ci = provider();
      const asked = await Promise.allSettled([ci.getRun(repository, 31), ci.getRun(repository, 31)]);
      expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect((await ci.getRun(repository, 31)).id).toBe(31);
      expect(github.calls.run).toBe(2);
    });
  });

  describe('in GraphQL', () => {
    it('is one request for all files', async () => {
      expect([...(await find())].map(([path]) => path)).toEqual(['a.txt', 'b.txt', 'c.txt']);
      expect(github.requests.map(({ route, authorization }) => [route, authorization])).toEqual([
        ['graphql', 'token tok'],
      ]);
    });

    it('is asked one by one of REST, and of two alone, where nobody is signed in', async () => {
      const ci = provider(cache, null);
      expect([...(await find(ci, ['none.txt', 'a.txt', 'b.txt']))]).toEqual([['a.txt', 'a\n']]);
      await ci.listAnnotations(repository, await ci.listJobs(repository, 31, 1));
      expect([github.calls.contents, github.calls.annotations, github.calls.graphql]).toEqual([2, 1, 0]);
    });

    it('is told when its limit is used up, which is not the one of REST, and sends nothing before the reset', async () => {
      github.graphqlQuota.remaining = 0;
      github.graphqlQuota.resetsAt = Date.now() + 1_800_000;
      const ci = provider();
      await expect(find(ci)).rejects.toMatchObject(limited);
      await expect(find(provider())).rejects.toMatchObject(limited);
      expect([github.calls.graphql, github.graphqlQuota.callsPastLimit]).toEqual([1, 1]);
      expect((await ci.getRun(repository, 31)).id).toBe(31);
      expect(await cache.get(rateLimitKey('github-graphql'))).toMatchObject({
        remaining: 0,
        blockedBy: 'primary',
      });
      expect(await cache.get(rateLimitKey('github'))).toMatchObject({ blockedBy: null });
    });

    it('heeds an answer that says that nothing is left', async () => {
      github.graphqlQuota.remaining = 1;
      github.graphqlQuota.resetsAt = Date.now() + 1_800_000;
      const ci = provider();
      await find(ci);
      await expect(find(ci, ['a.txt'])).rejects.toMatchObject(limited);
      expect(github.graphqlQuota.callsPastLimit).toBe(0);
    });

    it('is tried again while GitHub is in trouble', async () => {
      github.fail('graphql', { kind: 'status', status: 502 });
      expect((await find()).size).toBe(3);
      expect(github.calls.graphql).toBe(2);
    });

    it.each([
      ['FORBIDDEN', 'github_forbidden', false, 1],
      ['SERVICE_UNAVAILABLE', 'github_unavailable', true, 1],
    ])('is translated when it answers %s', async (type, code, retryable, calls) => {
      github.fail('graphql', { kind: 'query_error', type }, 5);
      await expect(find()).rejects.toMatchObject({ code, retryable });
      expect(github.calls.graphql).toBe(calls);
    });

    it('says what is missing of a repository that isn’t there', async () => {
      const asked = provider().findFiles(parseRepository('octo/none'), ['a.txt'], SHA);
      expect([...(await asked)]).toEqual([]);
    });
  });

  it.each([
    ['a Retry-After', { 'retry-after': '90' }, 403, 90_000],
    ['no time at all', {}, 429, 60_000],
  ])('waits out a secondary limit with %s', async (_, headers, status, pauseMs) => {
    github.fail('run', { kind: 'status', status, headers });
    await expect(provider().getRun(repository, 31)).rejects.toMatchObject({
      ...limited,
      retryAfterMs: pauseMs,
    });
    await expect(provider().listJobs(repository, 31, 1)).rejects.toMatchObject(limited);
    expect(github.requests).toHaveLength(1);
    const state = await cache.get<{ blockedUntil: Date }>(rateLimitKey('github'));
    expect(state).toMatchObject({ blockedBy: 'secondary' });
    expect(state!.blockedUntil.getTime()).toBeGreaterThan(Date.now() + pauseMs - 10_000);
  });
});
