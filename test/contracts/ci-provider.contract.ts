import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRepository, type CiProvider } from '@app/domain';
import type { RepositoryState, RunSeed } from '@app/github';

/** A CI provider over a CI system that a test can fill. */
export interface CiProviderUnderTest {
  readonly provider: CiProvider;
  addRun(run: RunSeed): void;
  /** The repository to fill. */
  repository(fullName: string): RepositoryState;
  close(): Promise<void>;
}

const repository = parseRepository('octo/app');
const log =
  '2026-11-20T10:00:00.0000000Z ##[group]Run npm test\nÜnïcödé ✓\n##[error]Process completed with exit code 1.\n';

const of = (id: number, name: string, attempt = 1) => ({ id, name, runId: 36, attempt });
const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 11, minute));

/** What every CiProvider does. */
export function ciProviderContract(name: string, create: () => Promise<CiProviderUnderTest>): void {
  describe(`CiProvider: ${name}`, () => {
    let sut: CiProviderUnderTest;

    const green = (workflowId: number, branch: string, beforeSha?: string) =>
      sut.provider.findLastSuccessfulRun(repository, workflowId, branch, beforeSha);
    const find = async (paths: readonly string[], sha: string) => [
      ...(await sut.provider.findFiles(repository, paths, sha)),
    ];
    const shown = async (query: Parameters<CiProvider['listRuns']>[1]) =>
      (await sut.provider.listRuns(repository, query)).map(({ id, attempt }) => [id, attempt]);

    beforeEach(async () => {
      sut = await create();
      sut.addRun({ repository: 'octo/app', id: 31, attempt: 1, conclusion: 'failure', jobs: [] });
      sut.addRun({
        repository: 'octo/app',
        id: 31,
        attempt: 2,
        conclusion: 'success',
        workflowName: 'Build',
        workflowPath: '.github/workflows/build.yml',
        pullRequests: [7],
        createdAt: new Date('2026-11-20T09:55:00Z'),
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
        workflowPath: '.github/workflows/build.yml',
        event: 'pull_request',
        status: 'completed',
        conclusion: 'success',
        headSha: 'beef',
        branch: 'topic',
        headRepository: 'octo/app',
        pullRequests: [7],
        commitMessage: 'Change of the build',
        commitAuthor: 'Mona Lisa',
        createdAt: new Date('2026-11-20T09:55:00Z'),
        updatedAt: new Date('2026-11-20T10:00:00Z'),
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
      expect(jobs[1]!.steps.at(-1)).toEqual({
        number: 3,
        name: 'Run npm test',
        status: 'completed',
        conclusion: 'failure',
        startedAt: new Date('2026-11-20T10:00:00Z'),
        completedAt: new Date('2026-11-20T10:00:00Z'),
      });
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

    describe('archived logs', () => {
      const read = async (job: ReturnType<typeof of>) =>
        gunzipSync((await sut.provider.getArchivedLog(repository, job)).gzip).toString();
      const longName = `deploy / ${'every supported platform '.repeat(5)}(1, 2)`;

      beforeEach(() => {
        sut.addRun({
          repository: 'octo/app',
          id: 36,
          jobs: [
            { id: 431, name: 'unit', log: null, archivedLog: log },
            { id: 432, name: longName, log: null, archivedLog: 'of the long name\n' },
            { id: 433, name: 'kept', log: 'kept\n' },
            { id: 434, name: 'twice', log: 'one\n' },
            { id: 435, name: 'twice', log: 'other\n' },
            { id: 436, name: 'gone', log: null },
          ],
        });
      });

      it("are a job's, byte by byte, where its own is gone", async () => {
        await expect(sut.provider.getJobLog(repository, 431)).rejects.toMatchObject({
          code: 'github_log_gone',
        });
        expect(await read(of(431, 'unit'))).toBe(log);
        expect(await read(of(432, longName))).toBe('of the long name\n');
        expect(await read(of(433, 'kept'))).toBe('kept\n');
      });

      it.each([
        ['there is none of the job', of(436, 'gone')],
        ['two jobs have the same name', of(434, 'twice')],
        ['no job is called so', of(999, 'nobody')],
        ['the attempt is unknown', of(431, 'unit', 3)],
      ])('are github_log_gone when %s', async (_, job) => {
        await expect(sut.provider.getArchivedLog(repository, job)).rejects.toMatchObject({
          code: 'github_log_gone',
          retryable: false,
        });
      });

      it("stop for an aborted signal, with the signal's reason", async () => {
        const reason = new Error('shutting down');
        const reading = sut.provider.getArchivedLog(repository, of(431, 'unit'), AbortSignal.abort(reason));
        await expect(reading).rejects.toBe(reason);
      });
    });

    it("stops for an aborted signal, with the signal's reason", async () => {
      const reason = new Error('shutting down');
      await expect(sut.provider.getJobLog(repository, 402, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it('says of a step that was not reached that it has no times', async () => {
      const steps = [{ name: 'Deploy', conclusion: 'skipped', startedAt: null, completedAt: null }];
      sut.addRun({ repository: 'octo/app', id: 34, jobs: [{ id: 411, name: 'deploy', steps }] });
      const [job] = await sut.provider.listJobs(repository, 34, 1);
      expect(job!.steps[0]).toMatchObject({ conclusion: 'skipped', startedAt: null, completedAt: null });
    });

    it('gets the repository', async () => {
      Object.assign(sut.repository('octo/app'), { defaultBranch: 'trunk', private: true });
      expect(await sut.provider.getRepository(repository)).toMatchObject({
        defaultBranch: 'trunk',
        private: true,
        fork: false,
        archived: false,
        url: 'https://github.com/octo/app',
      });
      await expect(sut.provider.getRepository(parseRepository('octo/none'))).rejects.toMatchObject({
        code: 'github_not_found',
        retryable: false,
      });
    });

    describe('runs', () => {
      beforeEach(() => {
        const seeds = [
          { id: 51, conclusion: 'success', headSha: 'a1' },
          { id: 52, conclusion: 'failure', headSha: 'a2' },
          { id: 53, conclusion: 'success', headSha: 'a3', branch: 'topic' },
          { id: 54, conclusion: 'success', headSha: 'a4', workflowId: 9 },
          { id: 55, conclusion: 'success', headSha: 'a5' },
          { id: 56, conclusion: null, status: 'in_progress', headSha: 'a6' },
        ];
        for (const [index, seed] of seeds.entries()) {
          sut.addRun({ repository: 'octo/app', workflowId: 8, createdAt: at(index), jobs: [], ...seed });
        }
        sut.addRun({ ...seeds[1]!, repository: 'octo/app', workflowId: 8, attempt: 2, createdAt: at(1) });
      });

      it('lists the latest attempt of each, newest first', async () => {
        expect(await shown({ workflowId: 8 })).toEqual([
          [56, 1],
          [55, 1],
          [53, 1],
          [52, 2],
          [51, 1],
        ]);
      });

      it.each([
        [{ workflowId: 8, branch: 'topic' }, [53]],
        [{ workflowId: 8, status: 'failure' }, [52]],
        [{ workflowId: 8, status: 'in_progress' }, [56]],
        [{ headSha: 'a4' }, [54]],
        [{ workflowId: 8, createdSince: at(4) }, [56, 55]],
        [{ workflowId: 8, createdUntil: at(1) }, [52, 51]],
        [{ workflowId: 8, createdSince: at(1), createdUntil: at(4) }, [55, 53, 52]],
        [{ workflowId: 8, limit: 2 }, [56, 55]],
        [{ workflowId: 77 }, []],
      ])('lists those that match %j', async (query, ids) => {
        expect((await shown(query)).map(([id]) => id)).toEqual(ids);
      });

      it('lists more than a page', async () => {
        for (let id = 2_000; id < 2_130; id += 1)
          sut.addRun({ repository: 'octo/app', id, workflowId: 12, createdAt: at(id - 2_000) });
        const runs = await sut.provider.listRuns(repository, { workflowId: 12, limit: 125 });
        expect([runs.length, runs[0]!.id, runs[124]!.id]).toEqual([125, 2_129, 2_005]);
      });

      it('finds the last successful run of a workflow on a branch, of another commit than the failed one', async () => {
        expect((await green(8, 'main'))?.id).toBe(55);
        expect((await green(8, 'main', 'a5'))?.id).toBe(51);
      });

      it('takes one of another branch where there is none, and none of a fork', async () => {
        const forked = { repository: 'octo/app', conclusion: 'success', headRepository: 'mona/app' };
        for (const workflowId of [8, 13]) sut.addRun({ ...forked, id: 57 + workflowId, workflowId });
        expect((await green(8, 'nowhere'))?.id).toBe(55);
        expect(await green(13, 'nowhere')).toBeNull();
        expect(await green(14, 'nowhere')).toBeNull();
      });
    });

    describe('what stands in the repository', () => {
      // Put together so that no scanner takes it for a real one.
      const token = ['ghp', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'].join('_');
      let base: string;
      let head: string;

      beforeEach(() => {
        const app = sut.repository('octo/app');
        const files = {
          'src/a.ts': 'one\ntwo\nthree\n',
          'old name.txt': 'same\n',
          'ünï/c#d?.txt': 'odd path\n',
          'gone.txt': 'x\n',
          'image.png': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1]),
          'latin.txt': new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
          'large.txt': 'y'.repeat(1_048_577),
          'config.yml': `token: ${token}\n`,
        };
        base = app.addCommit({ files, message: 'Begin' }, 'main');
        const { 'gone.txt': _, 'old name.txt': moved, ...kept } = files;
        const changed = { ...kept, 'src/a.ts': 'one\n2\nthree\n', 'new name.txt': moved };
        head = app.addCommit(
          {
            parents: [base],
            files: changed,
            renamed: { 'new name.txt': 'old name.txt' },
            message: `Change two\n\nwith ${token}`,
            author: null,
            at: new Date('2026-11-20T09:30:00Z'),
          },
          'topic',
        );
      });

      it('finds the texts of files at a commit, in the order asked for, without what is no text', async () => {
        const asked = ['ünï/c#d?.txt', 'none.txt', 'src', 'image.png', 'latin.txt', 'large.txt', 'src/a.ts'];
        expect(await find(asked, base)).toEqual([
          ['ünï/c#d?.txt', 'odd path\n'],
          ['src/a.ts', 'one\ntwo\nthree\n'],
        ]);
        expect(await find([], base)).toEqual([]);
      });

      it('finds files as they were at each commit', async () => {
        expect(await find(['src/a.ts', 'gone.txt'], head)).toEqual([['src/a.ts', 'one\n2\nthree\n']]);
        expect(await find(['src/a.ts'], 'f'.repeat(40))).toEqual([]);
      });

      it('hands out no secrets', async () => {
        const { commits } = await sut.provider.compareCommits(repository, base, head);
        const files = await sut.provider.findFiles(repository, ['config.yml'], base);
        const texts = [files.get('config.yml'), commits[0]!.message];
        for (const text of texts) {
          expect(text).toMatch(/token|Change two/);
          expect(text).not.toContain(token);
        }
      });

      it('lists the files a commit changed', async () => {
        const files = await sut.provider.listChangedFiles(repository, head);
        expect(files.map(({ path, status, previousPath }) => [path, status, previousPath])).toEqual([
          ['gone.txt', 'removed', null],
          ['new name.txt', 'renamed', 'old name.txt'],
          ['src/a.ts', 'modified', null],
        ]);
        expect(files[2]).toMatchObject({ patch: '@@ -2,1 +2,1 @@\n-two\n+2', additions: 1, deletions: 1 });
        const first = await sut.provider.listChangedFiles(repository, base);
        expect(first.find(({ path }) => path === 'image.png')).toMatchObject({
          status: 'added',
          patch: null,
        });
      });

      it('compares commits and branches', async () => {
        for (const [from, to] of [[base, head] as const, ['main', 'topic'] as const]) {
          const compared = await sut.provider.compareCommits(repository, from, to);
          expect(compared.commits).toMatchObject([
            { sha: head, authorLogin: null, committedAt: new Date('2026-11-20T09:30:00Z') },
          ]);
          expect([compared.totalCommits, compared.files.length]).toEqual([1, 3]);
        }
        await expect(sut.provider.compareCommits(repository, base, 'nowhere')).rejects.toMatchObject({
          code: 'github_not_found',
        });
      });

      it('lists the pull requests of a commit, by head and by merge', async () => {
        const app = sut.repository('octo/app');
        app.pulls.set(7, {
          number: 7,
          headSha: head,
          headRef: 'topic',
          headRepository: 'fork/app',
          draft: true,
        });
        const mergedAt = new Date('2026-11-20T09:45:00Z');
        app.pulls.set(8, { number: 8, headSha: 'c'.repeat(40), mergeCommitSha: head, mergedAt });
        app.pulls.set(9, { number: 9, headSha: 'd'.repeat(40) });
        const pulls = await sut.provider.listPullRequests(repository, head);
        expect(pulls).toMatchObject([
          { number: 7, state: 'open', draft: true, headRepository: 'fork/app', headBranch: 'topic' },
          { number: 8, state: 'closed', mergedAt, mergeCommitSha: head },
        ]);
        expect(await sut.provider.listPullRequests(repository, base)).toEqual([]);
      });
    });

    it('lists what jobs reported at files and lines', async () => {
      const annotations = [
        { path: 'src/a.ts', start_line: 3, message: 'Expected 2.', title: 'unit' },
        {
          path: '.github',
          start_line: 1,
          end_line: 2,
          annotation_level: 'warning',
          message: 'Old.',
        } as const,
      ];
      const jobs = [
        { id: 421, name: 'unit', annotations },
        { id: 422, name: 'quiet' },
      ];
      sut.addRun({ repository: 'octo/app', id: 35, jobs });
      const listed = await sut.provider.listJobs(repository, 35, 1);
      const unknown = { id: 999, checkId: 'CR_999' };
      const found = await sut.provider.listAnnotations(repository, [...listed, unknown]);
      const place = { path: 'src/a.ts', startLine: 3, endLine: 3, level: 'failure' };
      expect([...found]).toEqual([
        [
          421,
          [
            { ...place, title: 'unit', message: 'Expected 2.' },
            { path: '.github', startLine: 1, endLine: 2, level: 'warning', title: null, message: 'Old.' },
          ],
        ],
        [422, []],
      ]);
    });
  });
}
