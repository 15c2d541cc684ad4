import { deflateRawSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRepository } from '@app/domain';
import {
  fixedCredentials,
  GithubApi,
  GithubClients,
  GithubStandIn,
  OctokitCiProvider,
  zipped,
} from '@app/github';
import { silentLog } from '../../fakes/recording-log.js';

const repository = parseRepository('octo/app');
const job = { id: 1, runId: 7, attempt: 1, name: 'build' };
const bytes = (text: string) => Buffer.from(text);

function logFile() {
  return { name: '0_build.txt', content: bytes('log\n'.repeat(50)) };
}

function bomb(): Uint8Array {
  return zipped([{ name: '0_build.txt', content: Buffer.alloc(64_000_000) }]);
}

function lyingBomb(): Uint8Array {
  const archive = Buffer.from(bomb());
  archive.writeUInt32LE(500_000, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24);
  return archive;
}

function damaged(): Uint8Array {
  const archive = Buffer.from(zipped([logFile()]));
  const at = archive.indexOf(deflateRawSync(logFile().content));
  return archive.fill(0xff, at, at + 4);
}

describe("a job's log from the archive of its run", () => {
  let github: GithubStandIn;

  beforeEach(async () => {
    github = await GithubStandIn.start();
  });

  afterEach(() => github.close());

  const provider = (timeoutMs = 5_000) => {
    const options = { apiUrl: github.url, timeoutMs, logMaxBytes: 100_000, retryBaseMs: 1 };
    const credentials = fixedCredentials({ token: 'tok' });
    const clients = new GithubClients({ options, credentials, cache: null, log: silentLog() });
    return new OctokitCiProvider(new GithubApi(github.url, clients, null), options);
  };
  const addArchive = (archive?: Uint8Array) =>
    github.addRun({
      repository: 'octo/app',
      id: 7,
      jobs: ['build', 'test', 'lint'].map((name, i) => ({
        id: i + 1,
        name,
        log: null,
        archivedLog: `the log of ${name}\n`,
      })),
      ...(archive && { archive }),
    });
  const read = async (ci = provider(), name = 'build') =>
    gunzipSync((await ci.getArchivedLog(repository, { ...job, name })).gzip).toString();

  it('comes from the storage without the token', async () => {
    addArchive();
    github.requiredToken = 'tok';
    expect(await read()).toBe('the log of build\n');
    expect(github.requests.map(({ route, authorization }) => [route, authorization])).toEqual([
      ['archive', 'token tok'],
      ['storage', null],
    ]);
  });

  it('is downloaded once for all jobs of the run, whoever asks when', async () => {
    addArchive();
    const ci = provider();
    const logs = await Promise.all(['build', 'test'].map((name) => read(ci, name)));
    expect([...logs, await read(ci, 'lint')]).toEqual(
      ['build', 'test', 'lint'].map((name) => `the log of ${name}\n`),
    );
    expect([github.calls.archive, github.calls.storage]).toEqual([1, 1]);
  });

  it('is asked for once when the archive is gone too', async () => {
    github.addRun({ repository: 'octo/app', id: 7, jobs: [{ id: 1, name: 'build', log: null }] });
    const ci = provider();
    for (let i = 0; i < 3; i += 1) {
      await expect(read(ci)).rejects.toMatchObject({ code: 'github_log_gone' });
    }
    expect(github.calls.archive).toBe(1);
  });

  it('is asked for again after GitHub was in trouble', async () => {
    addArchive();
    github.fail('archive', { kind: 'status', status: 502 }, 3);
    const ci = provider();
    await expect(read(ci)).rejects.toMatchObject({ code: 'github_unavailable', retryable: true });
    expect(await read(ci)).toBe('the log of build\n');
  });

  it('goes on for the others when one who waited gives up', async () => {
    addArchive();
    const quitter = new AbortController();
    const ci = provider();
    github.faults.beforeAnswer = (route) => {
      if (route === 'storage') quitter.abort(new Error('shutting down'));
    };
    const given = ci.getArchivedLog(repository, job, quitter.signal);
    const patient = read(ci, 'test');
    await expect(given).rejects.toThrow('shutting down');
    expect(await patient).toBe('the log of test\n');
    expect(github.calls.archive).toBe(1);
  });

  it('is put together of the steps where the archive has nothing else', async () => {
    addArchive(
      zipped([
        { name: 'build/2_Test.txt', content: bytes('two\n') },
        { name: 'build/10_Post.txt', content: bytes('ten\n') },
        { name: 'build/1_Set up job.txt', content: bytes('one\n') },
      ]),
    );
    expect(await read()).toBe('one\ntwo\nten\n');
  });

  it('keeps head and tail where it is long', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `line ${i} ${(i * 2_654_435_761) % 4_294_967_296}\n`,
    );
    addArchive(zipped([{ name: '0_build.txt', content: bytes(lines.join('')) }]));
    const raw = await provider().getArchivedLog(repository, job);
    const text = gunzipSync(raw.gzip).toString();
    expect([raw.truncated, text.length < 101_000]).toEqual([true, true]);
    expect([text.startsWith(lines[0]!), text.endsWith(lines.at(-1)!)]).toEqual([true, true]);
  });

  describe('is refused, with the reason,', () => {
    it.each<[string, () => Uint8Array, RegExp]>([
      ['a zip bomb', bomb, /unpacks from \d+ to 64000000 bytes/],
      ['a bomb that says it is small', lyingBomb, /can't be unpacked: too many bytes/],
      ['no archive', () => bytes('<html>Not a log</html>'), /can't be unpacked/],
      ['cut short', () => zipped([logFile()]).subarray(0, 60), /can't be unpacked/],
      ['empty', () => new Uint8Array(), /can't be unpacked/],
      ['damaged inside', damaged, /can't be unpacked/],
    ])('when it is %s', async (_, archive, reason) => {
      addArchive(archive());
      await expect(read()).rejects.toMatchObject({
        code: 'github_log_refused',
        retryable: false,
        message: expect.stringMatching(reason),
      });
      expect(github.calls.archive).toBe(1);
    });

    it('when it is behind an address in our own network', async () => {
      addArchive();
      github.fail('archive', { kind: 'redirect', to: 'http://169.254.169.254/logs.zip' });
      await expect(read()).rejects.toMatchObject({
        code: 'github_log_refused',
        message: expect.stringContaining('link-local'),
      });
    });
  });
});
