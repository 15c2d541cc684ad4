import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseRepository } from '@app/domain';
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

  it('works without a cache', async () => {
    cache.away = true;
    await provider.getJobLog(repository, 402);
    expect((await provider.getJobLog(repository, 402)).bytes).toBeGreaterThan(0);
    expect(inner.calls.getJobLog).toBe(2);
  });
});
