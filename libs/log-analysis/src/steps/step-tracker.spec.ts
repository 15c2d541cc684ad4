import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';
import { decisiveStep } from '../ranking/rank.js';
import { scanLog } from '../scan-log.js';
import { stepTitle, StepTracker, type LogStep } from './step-tracker.js';

const at = (second: number) => `2026-02-03T04:05:${String(second).padStart(2, '0')}.0000000Z`;

/** A raw log of GitHub Actions, one second a line. */
function actions(...lines: string[]): string {
  return `${lines.map((line, index) => `${at(index)} ${line}`).join('\n')}\n`;
}

/** A step as GitHub prints it: its title, its script, its output. */
function run(command: string, ...output: string[]): string[] {
  return [`##[group]Run ${command}`, command, 'shell: /usr/bin/bash -e {0}', '##[endgroup]', ...output];
}

const EXIT = (code: number) => `##[error]Process completed with exit code ${code}.`;
const POST = ['Post job cleanup.', '[command]/usr/bin/git version', 'Cleaning up orphan processes'];

function columns(job: string, step: string, ...texts: string[]): string[] {
  return texts.map((text, index) => `${job}\t${step}\t${at(index)} ${text}`);
}

function task(word: string, code: number): string {
  return [
    '[taskcluster 2026-02-03 04:05:06.000Z] Task ID: a',
    '[task 2026-02-03T04:05:07.000Z] output',
    `[taskcluster 2026-02-03 04:05:08.000Z] ${word} task run with exit code: ${code} completed in 2.0 seconds`,
    '',
  ].join('\n');
}

async function trackerOf(log: string) {
  return (await scanLog(log, {})).scan.tracker;
}

/** The step that failed the job. */
async function failedStepOf(log: string): Promise<LogStep> {
  const step = decisiveStep((await trackerOf(log)).steps, null);
  expect(step).not.toBeNull();
  return step!;
}

describe('steps of a raw GitHub Actions log', () => {
  it('names the step that failed, its command, exit code and lines', async () => {
    const step = await failedStepOf(
      actions(...run('npm ci', 'added 3 packages'), ...run('npm test', 'boom', EXIT(7)), ...POST),
    );
    expect(step).toMatchObject({ command: 'npm test', exitCode: 7, errors: 1, phase: 'main' });
    expect([step.startLine, step.endLine]).toEqual([6, 11]);
  });

  it('knows when a step began and ended', async () => {
    const step = await failedStepOf(actions(...run('npm test', 'boom', EXIT(1)), ...POST));
    expect(Date.parse(step.endedAt!) - Date.parse(step.startedAt!)).toBe(6_000);
  });

  it('takes nothing that a step’s script says for its output', async () => {
    const log = actions(
      '##[group]Run echo "error TS1005: quoted"',
      'src/a.ts(1,2): error TS1005: quoted in the script',
      '##[endgroup]',
      'src/b.ts(3,4): error TS1005: printed',
      EXIT(1),
    );
    const analysis = await analyzeLog(log);
    expect(analysis.findings.map(({ file }) => file)).not.toContain('src/a.ts');
    expect(analysis.primary?.text).toContain('src/b.ts');
  });

  it('leaves the clean-up after the job out of account', async () => {
    const log = actions(
      ...run('npm test', 'src/b.ts(3,4): error TS1005: printed', EXIT(1)),
      'Post job cleanup.',
      '##[error]fatal: No space left on device',
      'Cleaning up orphan processes',
    );
    expect((await failedStepOf(log)).command).toBe('npm test');
    expect((await analyzeLog(log)).verdict.category).toBe('compile_error');
  });

  it('does not fail a job for its clean-up alone', async () => {
    const log = actions(
      ...run('npm test', '12 passed'),
      'Post job cleanup.',
      '##[error]Failed to save the cache',
      'Cleaning up orphan processes',
    );
    expect((await analyzeLog(log)).failed).toBe(false);
  });

  it('keeps a failure that was let pass apart from the one that failed the job', async () => {
    const passed = [
      '##[start-action display=Try it;id=try]',
      ...run('npm run try', 'src/a.ts(1,2): error TS1005: let pass', EXIT(2)),
      '##[end-action id=try;outcome=failure;conclusion=success;duration_ms=12]',
    ];
    const tracker = await trackerOf(actions(...passed, ...POST));
    expect(tracker.steps.find(({ command }) => command === 'npm run try')).toMatchObject({
      forgiven: true,
      exitCode: 2,
    });
    expect((await analyzeLog(actions(...passed, ...POST))).failed).toBe(false);

    const both = actions(
      ...passed,
      ...run('npm test', 'src/b.ts(3,4): error TS1005: not let pass', EXIT(1)),
      ...POST,
    );
    expect((await failedStepOf(both)).command).toBe('npm test');
    expect((await analyzeLog(both)).primary?.text).toContain('src/b.ts');
  });

  it('counts no warning that came marked as an error', async () => {
    const tracker = await trackerOf(
      actions(...run('npm test', '##[error]DeprecationWarning: old', '##[error]')),
    );
    expect(tracker.steps.every(({ errors }) => errors === 0)).toBe(true);
  });

  it('believes the provider’s name of the failed step', async () => {
    const log = actions(...run('npm run lint', 'noise', EXIT(1)), ...run('npm test', 'noise', EXIT(1)));
    const { steps } = await trackerOf(log);
    expect(decisiveStep(steps, 'Run npm test')?.command).toBe('npm test');
    expect(decisiveStep(steps, 'Run npm run lint')?.command).toBe('npm run lint');
    expect((await analyzeLog(log, { failedStep: 'Run npm test' })).failedStep).toBe('Run npm test');
  });

  it('has no failed step when nothing is marked', async () => {
    expect(
      decisiveStep((await trackerOf(actions(...run('npm test', '12 passed'), ...POST))).steps, null),
    ).toBeNull();
  });
});

describe('steps of a gh run view log', () => {
  it('takes job and step from the columns, and tells jobs apart', async () => {
    const log = [
      ...columns('lint', 'Check', ...run('npm run lint', 'fine')),
      ...columns('unit', 'Check', ...run('npm test', 'boom', EXIT(3))),
      ...columns('unit', 'Post Checkout', 'Post job cleanup.', '##[error]left over'),
    ].join('\n');
    const step = await failedStepOf(log);
    expect(step).toMatchObject({ job: 'unit', name: 'Check', command: 'npm test', exitCode: 3 });
    expect(stepTitle(step)).toBe('Check');
    const { steps } = await trackerOf(log);
    expect(steps.find(({ job }) => job === 'lint')).toMatchObject({ errors: 0 });
    expect(steps.at(-1)).toMatchObject({ phase: 'post' });
  });
});

describe('steps of other providers', () => {
  it('follows the commands of Travis and its last word', async () => {
    const log = [
      'travis_fold:start:worker_info\r\u001b[0KWorker information',
      '$ npm ci',
      'added 3 packages',
      'The command "npm ci" exited with 0.',
      '$ npm test',
      'boom',
      'The command "npm test" exited with 4.',
      '',
      'Done. Your build exited with 1.',
    ].join('\n');
    expect(await failedStepOf(log)).toMatchObject({ command: 'npm test', exitCode: 4 });
    expect(await trackerOf(log)).toMatchObject({ outcome: 'failed', complete: true });
  });

  it('reads the outcome of a Taskcluster task', async () => {
    expect(await trackerOf(task('Unsuccessful', 9))).toMatchObject({
      outcome: 'failed',
      step: { exitCode: 9 },
    });
    expect(await trackerOf(task('Successful', 0))).toMatchObject({
      outcome: 'succeeded',
      step: { exitCode: 0 },
    });
  });

  it('follows the commands of a GitLab script; what comes after it fails nothing', async () => {
    const log = [
      'Running with gitlab-runner 17.1.0 (abc)',
      'section_start:1770000000:step_script\r\u001b[0KExecuting "step_script" stage of the job script',
      '\u001b[32;1m$ make all\u001b[0;m',
      'fine',
      '\u001b[32;1m$ make test\u001b[0;m',
      'boom',
      'section_end:1770000009:step_script\r\u001b[0Ksection_start:1770000009:after_script\r\u001b[0KRunning after_script',
      'Running after script...',
      '\u001b[32;1m$ make clean\u001b[0;m',
      'section_end:1770000010:after_script\r\u001b[0Ksection_start:1770000010:upload_artifacts_on_failure\r\u001b[0KUploading artifacts for failed job',
      'ERROR: No files to upload',
      'section_end:1770000011:upload_artifacts_on_failure\r\u001b[0Ksection_start:1770000011:cleanup_file_variables\r\u001b[0KCleaning up project directory and file based variables',
      '\u001b[31;1mERROR: Job failed: exit code 2',
    ].join('\n');
    expect(await failedStepOf(log)).toMatchObject({ command: 'make test', exitCode: 2, startLine: 5 });
    expect((await trackerOf(log)).outcome).toBe('failed');
    const fine = log.replace(/ERROR: Job failed.*/, 'Job succeeded');
    expect((await trackerOf(fine)).outcome).toBe('succeeded');
  });

  it('follows Buildkite’s headers', async () => {
    const log = [
      '~~~ Preparing working directory',
      '--- Install',
      'added 3 packages',
      '--- Test',
      'boom',
      '🚨 Error: The command exited with status 5',
    ].join('\n');
    expect(await failedStepOf(log)).toMatchObject({ name: 'Test', exitCode: 5 });
    expect((await trackerOf(log)).outcome).toBe('failed');
  });

  it('takes a plain log for one step', async () => {
    const { steps, outcome } = await trackerOf('one\ntwo\n');
    expect(steps).toMatchObject([{ startLine: 1, endLine: 2, command: '' }]);
    expect(outcome).toBeNull();
  });
});

describe('a log with more steps than any job has', () => {
  it('is followed in bounded memory', () => {
    const tracker = new StepTracker('gha-raw');
    for (let line = 1; line <= 100_000; line += 1) {
      tracker.line(`##[group]Run ${line} ${'x'.repeat(5_000)}`, line, null);
    }
    expect(tracker.steps.length).toBeLessThanOrEqual(4_000);
    expect(Math.max(...tracker.steps.map((step) => step.command.length))).toBeLessThanOrEqual(2_000);
    expect(tracker.echo).toBe(true);
  });

  it('is analysed, findings in its thousands of columns too', { timeout: 60_000 }, async () => {
    const lines = Array.from(
      { length: 150_000 },
      (_, i) => `job\tstep ${i}\t2024-05-01T10:00:00.0Z ERROR: ${i} broke`,
    );
    const analysis = await analyzeLog(lines.join('\n'));
    expect(analysis).toMatchObject({ failed: true, lines: 150_000 });
  });
});
