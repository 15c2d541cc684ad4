import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { ExternalFailure, parseRepository, type FailedJob, type LogReport } from '@app/domain';
import { CachedJobBaselines, type AnnotationSeed, type JobSeed } from '@app/github';
import { FakeCache } from '../../../test/fakes/fake-cache.js';
import { FakeCiProvider } from '../../../test/fakes/fake-ci-provider.js';
import { InMemoryPersistence } from '../../../test/fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../../../test/fakes/recording-log.js';
import { logReading, ReadLog } from './read-log.js';

const repository = parseRepository('acme/widgets');
const at = new Date('2026-11-20T10:00:00Z');
const EXIT: AnnotationSeed = {
  path: '.github',
  start_line: 9,
  message: 'Process completed with exit code 1.',
};

const noted = (message: string): AnnotationSeed => ({ path: '.github', start_line: 1, message });
const log = (...lines: string[]) => lines.map((line) => `2026-11-20T09:59:01.1234567Z ${line}\n`).join('');

const causeOf = ({ verdict, primary }: LogReport) => [verdict.category, verdict.subcategory, primary?.text];

describe('ReadLog', () => {
  let ci: FakeCiProvider;
  let store: InMemoryPersistence;
  let events: RecordingLog;

  beforeEach(() => {
    ci = new FakeCiProvider();
    store = new InMemoryPersistence({ now: () => at });
    events = new RecordingLog();
  });

  /** Reads the log of a run's first job; the run's other jobs failed too. */
  const readOf = async (job: Partial<JobSeed>, others: readonly JobSeed[] = []) => {
    const seed = { id: 5, name: 'build', ...job };
    ci.addRun({ repository: 'acme/widgets', id: 1, jobs: [seed, ...others] });
    const failed: FailedJob = {
      source: 'github',
      repository,
      runId: 1,
      jobName: 'build',
      attempt: 1,
      jobId: 5,
      workflowId: 7,
      workflowName: 'CI',
      conclusion: 'failure',
      headSha: 'b'.repeat(40),
      branch: 'main',
      pullRequests: [],
      failedStep: null,
      failedAt: at,
      url: null,
    };
    const [opened] = await store.incidents.open([failed]);
    const reading = logReading(ci, new CachedJobBaselines(ci, new FakeCache(), events), events, 1_000_000);
    const readLog = new ReadLog(store.logs, store.deliveries, reading);
    return readLog.run(await store.incidents.get(opened!.incidentId));
  };
  const textOf = async () => {
    const { items } = await store.incidents.list({}, 1, null);
    return gunzipSync((await store.logs.find(items[0]!.id, 1))!.gzip).toString();
  };

  it("takes the run's archive where the job's log is gone", async () => {
    const archivedLog = log(
      'src/a.ts(1,7): error TS2322: Wrong.',
      '##[error]Process completed with exit code 2.',
    );
    const report = await readOf({ log: null, archivedLog });
    expect(report.verdict.category).toBe('compile_error');
    expect(events.of('job_log_from_archive')).toMatchObject([{ jobId: 5, reason: 'github_log_gone' }]);
    expect(ci.calls.listAnnotations).toBe(0);
  });

  it.each(['github_forbidden', 'github_log_refused'])('does so too when the log is %s', async (code) => {
    ci.fail('getJobLog', new ExternalFailure('No.', { code, retryable: false }));
    const report = await readOf({ log: log('src/a.ts(1,7): error TS2322: Wrong.') });
    expect(report.verdict.category).toBe('compile_error');
  });

  it('is told by the annotations why a job failed that has no log at all', async () => {
    const lost =
      'The self-hosted runner: build-7 lost communication with the server. Verify the machine is running.';
    const report = await readOf({ log: null, annotations: [EXIT, noted(lost)] });
    expect(causeOf(report)).toEqual([
      'runner_infra',
      expect.anything(),
      expect.stringContaining('lost communication'),
    ]);
    expect(await textOf()).toContain('[devflowfix] GitHub has no log of this job');
    expect(events.of('job_log_from_annotations')).toMatchObject([{ archive: 'github_log_gone' }]);
  });

  it('shows the file and line that an annotation is of', async () => {
    const wrong: AnnotationSeed = {
      path: 'src/a.ts',
      start_line: 3,
      title: 'tsc',
      message: "error TS2304: Cannot find name 'x'.",
    };
    await readOf({ log: null, annotations: [wrong] });
    expect(await textOf()).toContain("##[error]src/a.ts:3: tsc: error TS2304: Cannot find name 'x'.\n");
  });

  it.each([
    ['nothing', []],
    ['no more than its exit code', [EXIT]],
    ['warnings', [{ ...noted('Node.js 16 is deprecated.'), annotation_level: 'warning' as const }]],
  ])('says that the log is gone where %s was noted', async (_, annotations) => {
    await expect(readOf({ log: null, annotations })).rejects.toMatchObject({ code: 'github_log_gone' });
  });

  it('is tried again when GitHub can’t say now what was noted', async () => {
    ci.fail('listAnnotations', new ExternalFailure('Away.', { code: 'github_unavailable', retryable: true }));
    await expect(readOf({ log: null })).rejects.toMatchObject({ code: 'github_unavailable' });
  });

  it.each([
    [
      'breaks off where the runner died',
      log('##[group]Run npm test', 'npm test', '##[endgroup]', '> widgets@1.0.0 test'),
      'The runner has received a shutdown signal. This can happen when the runner service is stopped.',
      'runner_infra',
    ],
    [
      'says only that it was canceled',
      log(
        '##[group]Run npm test',
        'npm test',
        '##[endgroup]',
        'waiting',
        '##[error]The operation was canceled.',
      ),
      'The job running on runner GitHub Actions 3 has exceeded the maximum execution time of 360 minutes.',
      'timeout_cancelled',
    ],
  ])('adds what was noted to a log that %s', async (_, text, message, category) => {
    const report = await readOf({ log: text, annotations: [EXIT, noted(message)] });
    expect(causeOf(report)).toEqual([category, expect.anything(), expect.stringContaining(message)]);
    expect(report.verdict.subcategory).not.toBe('job_cancelled');
    const archived = await textOf();
    expect(archived.startsWith(text)).toBe(true);
    expect(archived).not.toContain('exit code 1');
  });

  it('asks nothing more where the log is clear', async () => {
    await readOf({ log: log('src/a.ts(1,7): error TS2322: Wrong.'), annotations: [noted('Other.')] });
    expect(ci.calls.listAnnotations).toBe(0);
  });

  it('takes the log as it is when nothing new was noted, or GitHub doesn’t answer', async () => {
    const text = log('##[group]Run ./x', './x', '##[endgroup]', 'it ends here');
    await readOf({ log: text, annotations: [EXIT] });
    expect(await textOf()).toBe(text);
    ci.fail('listAnnotations', new ExternalFailure('Away.', { code: 'github_unavailable', retryable: true }));
    store = new InMemoryPersistence({ now: () => at });
    await readOf({ log: text });
    expect(events.of('job_annotations_unavailable')).toMatchObject([{ code: 'github_unavailable' }]);
  });

  it('is told by the annotations of a job whose log is empty', async () => {
    const report = await readOf({
      log: '',
      annotations: [noted('The runner has received a shutdown signal.')],
    });
    expect(report.verdict.category).toBe('runner_infra');
    store = new InMemoryPersistence({ now: () => at });
    await expect(readOf({ log: '' })).rejects.toThrow('The log is empty.');
  });

  it('masks secrets in what was noted', async () => {
    const token = ['ghp', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'].join('_');
    await readOf({ log: null, annotations: [noted(`The runner has received a shutdown signal: ${token}`)] });
    expect(await textOf()).not.toContain(token);
  });
});
