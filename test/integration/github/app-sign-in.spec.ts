import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseRepository } from '@app/domain';
import { fixedCredentials, GithubApi, GithubClients, GithubStandIn, OctokitCiProvider } from '@app/github';
import { FakeCache } from '../../fakes/fake-cache.js';
import { RecordingLog } from '../../fakes/recording-log.js';
import { TEST_APP, testApp } from '../../support/github-app.js';

const repository = parseRepository('octo/app');

describe('signing in to GitHub as an App', () => {
  let github: GithubStandIn;
  let log: RecordingLog;
  let cache: FakeCache;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    log = new RecordingLog();
    cache = new FakeCache();
    github.state.apps.app = testApp([{ id: 5, account: 'octo' }]);
    for (const name of ['octo/app', 'octo/two', 'other/one']) {
      github.addRun({ repository: name, id: 31, jobs: [{ id: 402, name: 'unit', log: 'the log\n' }] });
    }
  });

  afterEach(async () => {
    vi.useRealTimers();
    await github.close();
  });

  /** What an installation's removal does, a while after the sign-in: a fresh token is given seconds to become known. */
  const replace = (installations: Parameters<typeof testApp>[0]) => {
    github.state.apps.app = testApp(installations);
    github.state.apps.endTokens();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
  };

  const provider = (token: string | null = null, apiUrl = github.url) => {
    const options = { apiUrl, timeoutMs: 2_000, logMaxBytes: 1_000_000, retryBaseMs: 1 };
    const credentials = fixedCredentials({ app: TEST_APP, token });
    const clients = new GithubClients({ options, credentials, cache, log });
    return new OctokitCiProvider(new GithubApi(apiUrl, clients, cache), options);
  };

  it("asks once for the repository's installation and once for its token", async () => {
    const ci = provider();
    await Promise.all([ci.getRun(repository, 31), ci.listJobs(repository, 31, 1)]);
    await ci.getJobLog(repository, 402);
    expect([github.calls.installation, github.calls.installation_token]).toEqual([1, 1]);
    const used = github.requests.filter(({ route }) => ['run', 'jobs', 'log'].includes(route));
    expect(used).toHaveLength(3);
    for (const { authorization } of used) expect(authorization).toMatch(/^token ghs_/);
  });

  it('uses one token for all repositories of an installation', async () => {
    const ci = provider();
    await ci.getRun(repository, 31);
    await ci.getRun(parseRepository('octo/two'), 31);
    expect([github.calls.installation, github.calls.installation_token]).toEqual([2, 1]);
  });

  it('signs in anew where an installation was removed and made again', async () => {
    const ci = provider();
    await ci.getRun(repository, 31);
    replace([{ id: 6, account: 'octo' }]);
    expect((await ci.listJobs(repository, 31, 1))[0]!.id).toBe(402);
    expect([github.calls.installation, github.calls.installation_token]).toEqual([2, 2]);
  });

  it('says where the App must be installed, once it no longer is', async () => {
    const ci = provider();
    await ci.getRun(repository, 31);
    replace([]);
    for (let i = 0; i < 3; i += 1) {
      await expect(ci.listJobs(repository, 31, 1)).rejects.toMatchObject({
        code: 'github_not_installed',
        retryable: false,
        message: expect.stringMatching(
          /not installed on octo\/app.*https:\/\/github\.com\/apps\/devflowfix-test\/installations\/new/,
        ),
      });
    }
    // What isn't there is remembered too.
    expect(github.calls.installation).toBe(2);
  });

  it('says that an installation was suspended', async () => {
    github.state.apps.app = testApp([{ id: 5, account: 'octo', suspended: true }]);
    await expect(provider().getRun(repository, 31)).rejects.toMatchObject({
      code: 'github_forbidden',
      retryable: false,
      message: expect.stringContaining('suspended'),
    });
  });

  it('reads with the token where the App is not installed', async () => {
    github.requiredToken = 'tok';
    const run = await provider('tok').getRun(parseRepository('other/one'), 31);
    expect(run.id).toBe(31);
    expect(github.requests.at(-1)!.authorization).toBe('token tok');
  });

  it('says github_unauthorized of a key that is not the App’s', async () => {
    const other = testApp([{ id: 5, account: 'octo' }], { id: 1 });
    github.state.apps.app = other;
    await expect(provider().getRun(repository, 31)).rejects.toMatchObject({ code: 'github_unauthorized' });
  });

  it("tries a server's failure to give a token again", async () => {
    github.fail('installation_token', { kind: 'status', status: 502 });
    expect((await provider().getRun(repository, 31)).id).toBe(31);
  });

  it('works below the path of a GitHub Enterprise server', async () => {
    expect((await provider(null, `${github.url}/api/v3/`).getRun(repository, 31)).id).toBe(31);
    expect(github.calls.unknown).toBe(0);
  });

  it('keeps tokens and keys out of cache, logs and errors', async () => {
    const ci = provider();
    await ci.getRun(repository, 31);
    replace([]);
    const error: unknown = await ci.listJobs(repository, 31, 1).catch((e: unknown) => e);
    const tokens = github.requests
      .map(({ authorization }) => authorization?.split(' ')[1] ?? '')
      .filter(Boolean);
    expect(tokens.length).toBeGreaterThan(2);
    const kept = inspect([cache, log, error], { depth: 12, maxStringLength: null, maxArrayLength: null });
    for (const secret of [...tokens, TEST_APP.privateKey.split('\n')[3]!]) expect(kept).not.toContain(secret);
  });
});
