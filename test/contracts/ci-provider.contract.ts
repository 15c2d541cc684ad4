import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRepository, type CiProvider } from '@app/domain';
import type { RunSeed } from '@app/github';

/** A CI provider over a CI system that a test can fill. */
export interface CiProviderUnderTest {
  readonly provider: CiProvider;
  addRun(run: RunSeed): void;
  close(): Promise<void>;
}

const repository = parseRepository('octo/app');
const log =
  '2026-11-20T10:00:00.0000000Z ##[group]Run npm test\nÜnïcödé ✓\n##[error]Process completed with exit code 1.\n';

/** What every CiProvider does. */
export function ciProviderContract(name: string, create: () => Promise<CiProviderUnderTest>): void {
  describe(`CiProvider: ${name}`, () => {
    let sut: CiProviderUnderTest;

    beforeEach(async () => {
      sut = await create();
      sut.addRun({ repository: 'octo/app', id: 31, attempt: 1, conclusion: 'failure', jobs: [] });
      sut.addRun({
        repository: 'octo/app',
        id: 31,
        attempt: 2,
        conclusion: 'success',
        workflowName: 'Build',
        branch: 'topic',
        headSha: 'beef',
        workflowId: 5,
        event: 'pull_request',
        jobs: [
          { id: 401, name: 'lint', conclusion: 'success', log: 'ok\n' },
          { id: 402, name: 'unit', failedStep: 'Run npm test', log },
          { id: 403, name: 'gone', log: null },
        ],
      });
    });

    afterEach(() => sut.close());

    it('gets a run with all its facts', async () => {
      expect(await sut.provider.getRun(repository, 31, 2)).toEqual({
        id: 31,
        attempt: 2,
        workflowId: 5,
        workflowName: 'Build',
        event: 'pull_request',
        status: 'completed',
        conclusion: 'success',
        headSha: 'beef',
        branch: 'topic',
        url: 'https://github.com/octo/app/actions/runs/31',
      });
    });

    it('gets the attempt asked for, else the latest', async () => {
      expect(await sut.provider.getRun(repository, 31, 1)).toMatchObject({
        attempt: 1,
        conclusion: 'failure',
      });
      expect(await sut.provider.getRun(repository, 31)).toMatchObject({ attempt: 2, conclusion: 'success' });
    });

    it.each([
      ['run', 99, undefined],
      ['attempt', 31, 7],
    ])('says github_not_found of a %s that does not exist', async (_, runId, attempt) => {
      await expect(sut.provider.getRun(repository, runId, attempt)).rejects.toMatchObject({
        code: 'github_not_found',
        retryable: false,
      });
      await expect(sut.provider.listJobs(repository, runId, attempt ?? 1)).rejects.toMatchObject({
        code: 'github_not_found',
        retryable: false,
      });
    });

    it('lists the jobs of one attempt with their steps', async () => {
      const jobs = await sut.provider.listJobs(repository, 31, 2);
      expect(jobs.map((job) => [job.id, job.name, job.conclusion, job.attempt, job.runId])).toEqual([
        [401, 'lint', 'success', 2, 31],
        [402, 'unit', 'failure', 2, 31],
        [403, 'gone', 'failure', 2, 31],
      ]);
      expect(jobs[1]!.steps.at(-1)).toEqual({ number: 3, name: 'Run npm test', conclusion: 'failure' });
      expect(jobs[1]!.completedAt).toBeInstanceOf(Date);
      expect(await sut.provider.listJobs(repository, 31, 1)).toEqual([]);
    });

    it('lists every job of a run that has more than a page of them, in order', async () => {
      const ids = Array.from({ length: 230 }, (_, i) => 1_000 + i);
      sut.addRun({ repository: 'octo/app', id: 32, jobs: ids.map((id) => ({ id, name: `matrix ${id}` })) });
      const jobs = await sut.provider.listJobs(repository, 32, 1);
      expect(jobs.map((job) => job.id)).toEqual(ids);
    });

    it("gives a job's log, compressed, byte by byte", async () => {
      const raw = await sut.provider.getJobLog(repository, 402);
      expect(gunzipSync(raw.gzip).toString()).toBe(log);
      expect(raw).toMatchObject({ bytes: Buffer.byteLength(log), truncated: false });
    });

    it('gives the log again when asked again', async () => {
      const first = await sut.provider.getJobLog(repository, 402);
      expect(await sut.provider.getJobLog(repository, 402)).toEqual(first);
    });

    it('compares repositories without regard to case', async () => {
      const raw = await sut.provider.getJobLog(parseRepository('Octo/APP'), 401);
      expect(gunzipSync(raw.gzip).toString()).toBe('ok\n');
    });

    it.each([403, 999])(
      'says github_log_gone, and that no retry helps, of the log of job %i',
      async (jobId) => {
        await expect(sut.provider.getJobLog(repository, jobId)).rejects.toMatchObject({
          code: 'github_log_gone',
          retryable: false,
        });
      },
    );

    it("gives no log of another repository's job", async () => {
      await expect(sut.provider.getJobLog(parseRepository('octo/app-two'), 402)).rejects.toMatchObject({
        code: 'github_log_gone',
      });
    });

    it("stops for an aborted signal, with the signal's reason", async () => {
      const reason = new Error('shutting down');
      await expect(sut.provider.getJobLog(repository, 402, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
