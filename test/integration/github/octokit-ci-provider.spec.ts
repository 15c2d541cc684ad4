import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseRepository } from '@app/domain';
import {
  fixedCredentials,
  GithubApi,
  GithubClients,
  GithubStandIn,
  OctokitCiProvider,
  type GithubClientOptions,
  type StandInRoute,
} from '@app/github';
import { RecordingLog } from '../../fakes/recording-log.js';

const repository = parseRepository('octo/app');
type Options = Partial<GithubClientOptions> & {
  readonly logMaxBytes?: number;
  readonly token?: string | null;
};

const text = 'line one\n##[error]line two\n';

describe('OctokitCiProvider over HTTP', () => {
  let github: GithubStandIn;
  let log: RecordingLog;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    log = new RecordingLog();
    github.addRun({ repository: 'octo/app', id: 31, jobs: [{ id: 402, name: 'unit', log: text }] });
  });

  afterEach(() => github.close());

  const provider = ({ token = 'tok', ...changed }: Options = {}) => {
    const options = {
      apiUrl: github.url,
      timeoutMs: 2_000,
      logMaxBytes: 1_000_000,
      retryBaseMs: 1,
      ...changed,
    };
    const credentials = fixedCredentials({ token });
    const clients = new GithubClients({ options, credentials, cache: null, log });
    return new OctokitCiProvider(new GithubApi(options.apiUrl, clients, null), options);
  };
  const readLog = async (options?: Options) =>
    gunzipSync((await provider(options).getJobLog(repository, 402)).gzip).toString();

  describe('credentials', () => {
    it("sends the token to the API and never to the log's storage", async () => {
      github.requiredToken = 'tok';
      expect(await readLog()).toBe(text);
      expect(github.requests.map(({ route, authorization }) => [route, authorization])).toEqual([
        ['log', 'token tok'],
        ['storage', null],
      ]);
    });

    it('reads public repositories without a token', async () => {
      expect(await readLog({ token: null })).toBe(text);
      expect(github.requests.map((request) => request.authorization)).toEqual([null, null]);
    });

    it("keeps the token on a redirect within the API's origin (a renamed repository)", async () => {
      github.requiredToken = 'tok';
      github.fail('log', { kind: 'redirect', to: `${github.url}/repos/octo/app/actions/jobs/402/logs` });
      expect(await readLog()).toBe(text);
      expect(github.calls.log).toBe(2);
    });

    it('says github_unauthorized of a token that is not valid', async () => {
      github.requiredToken = 'another';
      await expect(provider().getRun(repository, 31)).rejects.toMatchObject({
        code: 'github_unauthorized',
        retryable: false,
      });
      await expect(provider().getJobLog(repository, 402)).rejects.toMatchObject({
        code: 'github_unauthorized',
      });
    });

    it('puts no token into an error', async () => {
      github.requiredToken = 'another';
      const error: unknown = await provider({ token: 'tok-s3cret' })
        .getRun(repository, 31)
        .catch((e: unknown) => e);
      const { cause } = error as { cause: object };
      expect(JSON.stringify([String(error), error, { ...cause }])).not.toContain('tok-s3cret');
    });
  });

  describe('errors', () => {
    it.each([
      [403, 'github_forbidden', false],
      [451, 'github_forbidden', false],
      [404, 'github_not_found', false],
      [410, 'github_not_found', false],
      [422, 'github_rejected', false],
      [500, 'github_unavailable', true],
      [503, 'github_unavailable', true],
    ])('translates %i to %s', async (status, code, retryable) => {
      github.fail('run', { kind: 'status', status }, 10);
      await expect(provider().getRun(repository, 31)).rejects.toMatchObject({ code, retryable });
    });

    it.each(['run', 'jobs', 'log', 'storage'] as const)(
      'tries again when %s answers 5xx or is cut',
      async (route) => {
        github.fail(route, { kind: 'status', status: 502 });
        github.fail(route, { kind: 'cut' });
        await askFor(provider(), route);
        expect(github.calls[route]).toBe(3);
      },
    );

    it('sends other calls while as many as it sends at a time wait for another try', async () => {
      const sut = provider({ retryBaseMs: 600_000 });
      github.fail('run', { kind: 'status', status: 502 }, 12);
      for (let id = 100; id < 112; id++) sut.getRun(repository, id).catch(() => undefined);
      await vi.waitFor(() => expect(github.calls.run).toBe(12), { timeout: 10_000 });
      expect(await sut.listJobs(repository, 31, 1)).toHaveLength(1);
    });

    it('gives up an API that stays silent', async () => {
      github.fail('run', { kind: 'silence' }, 10);
      await expect(provider({ timeoutMs: 150 }).getRun(repository, 31)).rejects.toMatchObject({
        code: 'github_unavailable',
        message: expect.stringContaining('no answer within 150 ms'),
      });
      expect(github.calls.run).toBe(3);
    });

    it('says what is wrong with an answer that is no run', async () => {
      github.fail('run', { kind: 'garbage' }, 10);
      await expect(provider().getRun(repository, 31)).rejects.toMatchObject({
        code: 'github_unavailable',
        message: expect.stringContaining("can't be read"),
      });
    });

    it('says that nothing listens', async () => {
      await github.close();
      await expect(provider().getRun(repository, 31)).rejects.toMatchObject({
        code: 'github_unavailable',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED'),
      });
      github = await GithubStandIn.start();
    });

    it('asks the configured API for no repository of another host', async () => {
      const elsewhere = { ...repository, host: 'ghe.example.com' };
      const failing = provider({ apiUrl: 'https://api.github.com' }).getRun(elsewhere, 31);
      await expect(failing).rejects.toMatchObject({
        code: 'github_not_found',
        message: expect.stringContaining('api.github.com, which serves github.com'),
      });
    });
  });

  describe('limits', () => {
    it('tells when a used-up limit resets, asking once', async () => {
      github.fail('run', { kind: 'rate_limit', resetsInSeconds: 1_800 }, 10);
      const error = await provider()
        .getRun(repository, 31)
        .catch((e: { code: string; retryAfterMs: number }) => e);
      expect(error).toMatchObject({ code: 'github_rate_limited', retryable: true });
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_790_000);
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeLessThan(1_803_000);
      expect(github.calls.run).toBe(1);
      expect(log.of('github_rate_limited')).toMatchObject([{ limit: 'primary', wait: false }]);
    });

    it.each(['run', 'log'] as const)('tells how long a secondary limit on %s lasts', async (route) => {
      github.fail(route, { kind: 'secondary_limit', retryAfterSeconds: 90 }, 10);
      await expect(askFor(provider(), route)).rejects.toMatchObject({
        code: 'github_rate_limited',
        retryAfterMs: 90_000,
      });
      expect(github.calls[route]).toBe(1);
    });

    it('waits for a limit that ends at once', async () => {
      github.fail('run', { kind: 'secondary_limit', retryAfterSeconds: 2 });
      expect((await provider().getRun(repository, 31)).id).toBe(31);
      expect(github.calls.run).toBe(2);
    });
  });

  describe('logs', () => {
    it('unpacks a log that the storage serves gzip-encoded', async () => {
      github.gzipLogs = true;
      expect(await readLog()).toBe(text);
    });

    it('asks for a fresh address when the signed one has run out', async () => {
      github.fail('storage', { kind: 'status', status: 403 });
      expect(await readLog()).toBe(text);
      expect([github.calls.log, github.calls.storage]).toEqual([2, 2]);
    });

    it.each([404, 410])('says github_log_gone when the API or the storage answers %i', async (status) => {
      for (const route of ['log', 'storage'] as const) {
        github.fail(route, { kind: 'status', status });
        await expect(provider().getJobLog(repository, 402)).rejects.toMatchObject({
          code: 'github_log_gone',
          retryable: false,
        });
      }
      expect(github.calls.log).toBe(2);
    });

    it('says github_unavailable of a log whose download is cut every time', async () => {
      github.fail('storage', { kind: 'cut' }, 10);
      await expect(provider().getJobLog(repository, 402)).rejects.toMatchObject({
        code: 'github_unavailable',
        retryable: true,
      });
      expect(github.calls.storage).toBe(3);
    });

    it.each([
      'http://169.254.169.254/latest/meta-data',
      'http://0.0.0.0/',
      'file:///etc/passwd',
      'gopher://x/',
    ])('refuses to follow a redirect to %s', async (to) => {
      github.fail('log', { kind: 'redirect', to });
      await expect(provider().getJobLog(repository, 402)).rejects.toMatchObject({
        code: 'github_log_refused',
        retryable: false,
      });
      expect(github.calls.log).toBe(1);
    });

    it('stops a download when the caller gives up', async () => {
      github.fail('storage', { kind: 'silence' }, 10);
      const caller = new AbortController();
      const reading = provider({ timeoutMs: 60_000 }).getJobLog(repository, 402, caller.signal);
      const reached = setInterval(() => {
        if (github.calls.storage === 1) caller.abort(new Error('shutting down'));
      }, 5);
      await expect(reading).rejects.toThrow('shutting down');
      clearInterval(reached);
      expect(github.calls.log).toBe(1);
    });

    it('gives up a storage that stays silent', async () => {
      github.fail('storage', { kind: 'silence' }, 10);
      await expect(provider({ timeoutMs: 150 }).getJobLog(repository, 402)).rejects.toMatchObject({
        code: 'github_unavailable',
        message: expect.stringContaining('silent for 150 ms'),
      });
    });

    it('keeps head and tail of a log of 300 MB in bounded memory', async () => {
      const line = Buffer.from(`2026-11-20T10:00:00.0000000Z ${'x'.repeat(70)}\n`);
      const block = Buffer.concat(Array.from({ length: 10_000 }, () => line));
      let peak = 0;
      async function* huge() {
        yield Buffer.from('first line\n');
        for (let i = 0; i < 300; i += 1) {
          const { arrayBuffers, heapUsed } = process.memoryUsage();
          peak = Math.max(peak, arrayBuffers + heapUsed);
          yield block;
        }
        yield Buffer.from('last line\n');
      }
      github.addRun({ repository: 'octo/app', id: 40, jobs: [{ id: 77, name: 'huge', log: () => huge() }] });
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      const raw = await provider({ timeoutMs: 10_000, logMaxBytes: 20_000_000 }).getJobLog(repository, 77);
      const kept = gunzipSync(raw.gzip).toString();
      expect(kept.startsWith('first line\n')).toBe(true);
      expect(kept.endsWith('\nlast line\n')).toBe(true);
      expect(raw.truncated).toBe(true);
      expect(raw.bytes).toBe(kept.length);
      expect(kept.length).toBeLessThan(20_000_100);
      expect(peak - arrayBuffers - heapUsed).toBeLessThan(130_000_000);
    });
  });
});

async function askFor(provider: OctokitCiProvider, route: StandInRoute): Promise<unknown> {
  switch (route) {
    case 'run':
      return provider.getRun(repository, 31);
    case 'jobs':
      return provider.listJobs(repository, 31, 1);
    default:
      return provider.getJobLog(repository, 402);
  }
}
