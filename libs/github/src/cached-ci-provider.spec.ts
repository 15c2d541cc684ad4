import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { ExternalFailure, parseRepository } from '@app/domain';
import { FakeCache } from '../../../test/fakes/fake-cache.js';
import { FakeCiProvider } from '../../../test/fakes/fake-ci-provider.js';
import { RecordingLog } from '../../../test/fakes/recording-log.js';
import { CachedCiProvider } from './cached-ci-provider.js';

const repository = parseRepository('Octo/App');
// Put together so that no scanner takes it for a real one.
const token = ['ghp', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'].join('_');

describe('CachedCiProvider', () => {
  let inner: FakeCiProvider;
  let cache: FakeCache;
  let log: RecordingLog;
  let provider: CachedCiProvider;
  let now: number;

  beforeEach(() => {
    now = 0;
    inner = new FakeCiProvider();
    cache = new FakeCache(() => now);
    log = new RecordingLog();
    provider = new CachedCiProvider(inner, cache, log);
    const secretive = { id: 402, name: 'unit', log: `one\nTOKEN=${token}\nthree\n` };
    inner.addRun({ repository: 'octo/app', id: 31, jobs: [secretive] });
  });

  it('asks for a log once and answers from the cache afterwards, telling the log', async () => {
    const first = await provider.getJobLog(repository, 402);
    expect(log.of('github_logs_cache_hit')).toEqual([]);
    expect(await provider.getJobLog(repository, 402)).toEqual(first);
    expect(inner.calls.getJobLog).toBe(1);
    expect(log.of('github_logs_cache_hit')).toEqual([
      { cacheKey: 'octo:app:402', jobId: 402, bytes: first.bytes, outcome: 'hit' },
    ]);
  });

  it('hands out and caches the redacted log only, its lines in place', async () => {
    const raw = await provider.getJobLog(repository, 402);
    const cached = await cache.get<typeof raw>({ operation: 'github.logs', scope: 'octo:app', id: '402' });
    for (const { gzip, bytes } of [raw, cached!]) {
      const text = gunzipSync(gzip).toString();
      expect(text).not.toContain(token);
      expect(text.split('\n')).toHaveLength(4);
      expect(Buffer.byteLength(text)).toBe(bytes);
    }
  });

  it('keeps a log from the archive, redacted, as the log of its job', async () => {
    const job = { id: 403, runId: 35, attempt: 1, name: 'archived' };
    const archivedLog = `one\nTOKEN=${token}\n`;
    inner.addRun({ repository: 'octo/app', id: 35, jobs: [{ ...job, log: null, archivedLog }] });
    const first = await provider.getArchivedLog(repository, job);
    expect(gunzipSync(first.gzip).toString()).not.toContain(token);
    expect(await provider.getArchivedLog(repository, job)).toEqual(first);
    expect(await provider.getJobLog(repository, job.id)).toEqual(first);
    expect([inner.calls.getArchivedLog, inner.calls.getJobLog]).toEqual([1, 0]);
  });

  it('puts the host of a GitHub Enterprise server before the owner, port and all', async () => {
    const enterprise = { host: 'ghe.example.com:8443', owner: 'Octo', name: 'App' };
    inner.addRun({
      repository: 'ghe.example.com:8443/octo/app',
      id: 9,
      jobs: [{ id: 9, name: 'x', log: 'x' }],
    });
    await provider.getJobLog(enterprise, 9);
    expect(cache.ids('github.logs')).toEqual(['ghe.example.com_8443:octo:app:9']);
  });

  it('caches no failure', async () => {
    await expect(provider.getJobLog(repository, 1)).rejects.toMatchObject({ code: 'github_log_gone' });
    inner.addRun({ repository: 'octo/app', id: 32, jobs: [{ id: 1, name: 'late', log: 'here now\n' }] });
    expect((await provider.getJobLog(repository, 1)).bytes).toBe(9);
  });

  it('loads on for a caller who shared the load of one that gave up', async () => {
    const quitter = new AbortController();
    inner.beforeAnswer = () => quitter.abort(new Error('shutting down'));
    const given = provider.getJobLog(repository, 402, quitter.signal);
    const patient = provider.getJobLog(repository, 402);
    await expect(given).rejects.toThrow('shutting down');
    expect((await patient).truncated).toBe(false);
  });

  it('keeps the jobs of an attempt that ended', async () => {
    await provider.listJobs(repository, 31, 1);
    now += 3_600_000;
    expect((await provider.listJobs(repository, 31, 1)).map((job) => job.id)).toEqual([402]);
    expect(inner.calls.listJobs).toBe(1);
    expect(cache.ids('github.jobs')).toEqual(['octo:app:31:1']);
  });

  it('asks for the jobs of a running attempt again after a minute', async () => {
    inner.addRun({ repository: 'octo/app', id: 33, status: 'in_progress', conclusion: null, jobs: [] });
    await provider.listJobs(repository, 33, 1);
    now += 59_000;
    await provider.listJobs(repository, 33, 1);
    expect(inner.calls.listJobs).toBe(1);
    now += 2_000;
    await provider.listJobs(repository, 33, 1);
    expect(inner.calls.listJobs).toBe(2);
  });

  it('keeps an attempt that ended as long as its jobs, one that runs and the latest no longer than others', async () => {
    inner.addRun({ repository: 'octo/app', id: 34, status: 'in_progress', conclusion: null });
    const asked = [
      [31, 1],
      [31, undefined],
      [34, 1],
    ] as const;
    for (const day of [0, 25]) {
      now = day * 24 * 3_600_000;
      for (const [id, attempt] of asked) await provider.getRun(repository, id, attempt);
    }
    expect(inner.calls.getRun).toBe(5);
  });

  describe('files of a commit', () => {
    const sha = 'c'.repeat(40);
    const sparing = { sparingly: true };

    beforeEach(() => {
      inner.repository('octo/app').addCommit({ sha, files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
    });

    it('are asked for once, those that are not there too', async () => {
      const paths = ['a.txt', 'none.txt'];
      const first = await provider.findFiles(repository, paths, sha);
      now += 3_600_000;
      expect(await provider.findFiles(repository, paths, sha)).toEqual(first);
      expect([[...first], inner.calls.findFiles]).toEqual([[['a.txt', 'a\n']], 1]);
    });

    it('that are not worth a call a job are asked for once an hour, and what is known is given', async () => {
      const asked = (path: string) => provider.findFiles(repository, [path], sha, sparing);
      expect((await asked('a.txt')).size).toBe(1);
      await expect(asked('b.txt')).rejects.toMatchObject({ code: 'github_calls_spared', retryable: false });
      expect((await asked('a.txt')).size).toBe(1);
      expect((await provider.findFiles(repository, ['b.txt'], sha)).size).toBe(1);
      expect((await asked('b.txt')).size).toBe(1);
      expect(inner.calls.findFiles).toBe(2);
      now += 3_700_000;
      expect((await asked('c.txt')).size).toBe(0);
    });

    it('that GitHub failed to give don’t count as asked for', async () => {
      inner.fail('findFiles', new ExternalFailure('Away.', { code: 'github_unavailable', retryable: true }));
      await expect(provider.findFiles(repository, ['a.txt'], sha, sparing)).rejects.toThrow('Away.');
      expect((await provider.findFiles(repository, ['b.txt'], sha, sparing)).size).toBe(1);
    });
  });

  it('keeps the annotations of jobs long only when no job was left out', async () => {
    const [job, later] = [402, 403].map((id) => ({ id, checkId: null }));
    const asked = async () => {
      const all = await provider.listAnnotations(repository, [job!]);
      const some = await provider.listAnnotations(repository, [job!, later!]);
      return [all.size, some.size, inner.calls.listAnnotations];
    };
    expect(await asked()).toEqual([1, 1, 2]);
    inner.addRun({ repository: 'octo/app', id: 32, jobs: [{ id: 403, name: 'e2e' }] });
    expect(await asked()).toEqual([1, 1, 2]);
    now += 3_700_000;
    expect(await asked()).toEqual([1, 2, 3]);
    now += 20 * 3_600_000;
    expect(await asked()).toEqual([1, 2, 3]);
  });

  it('works without a cache', async () => {
    cache.away = true;
    await provider.getJobLog(repository, 402);
    expect((await provider.getJobLog(repository, 402)).bytes).toBeGreaterThan(0);
    expect(inner.calls.getJobLog).toBe(2);
  });
});
