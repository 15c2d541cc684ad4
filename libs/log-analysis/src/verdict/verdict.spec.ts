import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';
import type { AnalyzeOptions } from '../options.js';

/** A complete raw log of GitHub Actions with one step; without an exit code the step passed. */
function job(command: string, output: readonly string[], exitCode = 1): string {
  const lines = [
    `##[group]Run ${command}`,
    command,
    '##[endgroup]',
    ...output,
    ...(exitCode === 0 ? [] : [`##[error]Process completed with exit code ${exitCode}.`]),
    'Post job cleanup.',
    'Cleaning up orphan processes',
  ];
  return lines.map((line, index) => `2026-02-03T04:05:${10 + index}.0000000Z ${line}\n`).join('');
}

async function verdictOf(command: string, output: readonly string[], options: AnalyzeOptions = {}) {
  return (await analyzeLog(job(command, output), options)).verdict;
}

const TSC = "src/basket.ts(41,7): error TS2322: Type 'string' is not assignable to type 'number'.";
const RESET = 'npm error network request to https://registry.example.org/a failed, reason: read ECONNRESET';

describe('whether the job failed', () => {
  it('is the provider’s word where there is one', async () => {
    expect((await analyzeLog(job('npm test', [TSC]))).failed).toBe(true);
    expect((await analyzeLog(job('npm test', ['✖ 3 problems (0 errors, 3 warnings)'], 0))).failed).toBe(
      false,
    );
    expect((await analyzeLog('$ make\nDone. Your build exited with 0.\ntravis_fold:end:x\n')).failed).toBe(
      false,
    );
  });

  it('is the caller’s word above all', async () => {
    expect((await analyzeLog(job('npm test', ['fine'], 0), { knownFailed: true })).failed).toBe(true);
  });

  it('is judged by the findings of a log without any word of an outcome', async () => {
    expect((await analyzeLog(`> tsc\n${TSC}\n`)).failed).toBe(true);
    expect((await analyzeLog('> tsc\nFound 0 errors.\n')).failed).toBe(false);
  });

  it('is no failure when a download that broke off was tried again and nothing complains', async () => {
    const output = [RESET, 'added 412 packages in 9s', '12 tests passed'];
    expect((await analyzeLog(job('for i in 1 2; do npm ci && break; done', output, 0))).failed).toBe(false);
  });
});

describe('the category', () => {
  it('is the one of the tool that says what is wrong', async () => {
    expect(await verdictOf('npm run build', [TSC])).toMatchObject({
      category: 'compile_error',
      determinism: 'deterministic',
      fixability: 'code_patch',
      attribution: 'unknown',
    });
  });

  it('depends on what the step was for, where a message alone doesn’t say', async () => {
    const refused = ['curl: (22) The requested URL returned error: 502'];
    expect((await verdictOf('./get-tools.sh', refused)).category).toBe('network');
    expect((await verdictOf('./smoke.sh https://staging.example', refused)).category).toBe('runtime_deploy');
  });

  it('is not taken from a test of such an error', async () => {
    const output = [
      '=================================== FAILURES ===================================',
      '____________________________ test_burst_is_refused _____________________________',
      '>       with pytest.raises(QuotaExceeded):',
      "E       Failed: DID NOT RAISE <class 'quota.errors.QuotaExceeded'>",
      'tests/test_quota.py:61: Failed',
      "FAILED tests/test_quota.py::test_burst_is_refused - Failed: DID NOT RAISE <class 'quota.errors.QuotaExceeded'>",
      '1 failed in 0.11s',
    ];
    expect((await verdictOf('pytest', output)).category).toBe('test_failure');
  });

  it('is guessed from the step when no rule knows the message, with little confidence', async () => {
    const strange = ['zorp: the flange is unseated'];
    const [lint, deploy, nothing] = [
      await verdictOf('make lint', strange),
      await verdictOf('make deploy', strange),
      await verdictOf('./x', strange),
    ];
    expect([lint.category, deploy.category, nothing.category]).toEqual([
      'quality',
      'runtime_deploy',
      'unknown',
    ]);
    expect(nothing.confidence).toBeLessThan(lint.confidence);
    expect(lint.confidence).toBeLessThan((await verdictOf('make lint', [TSC])).confidence);
    // What is left out is not what was done.
    expect((await verdictOf('make tests --skip lint', strange)).category).toBe('test_failure');
  });
});

describe('what follows from the category', () => {
  it('calls an unreachable registry external, passing, and a matter of another run', async () => {
    expect(await verdictOf('npm ci', ['npm error code ECONNRESET', RESET])).toMatchObject({
      category: 'network',
      determinism: 'transient',
      attribution: 'external',
      fixability: 'rerun',
    });
  });

  it('suggests a change only where a rule knows one, filled in from the log', async () => {
    const known = await verdictOf('npm ci', [
      'npm error code ERESOLVE',
      'npm error ERESOLVE unable to resolve dependency tree',
      'npm error While resolving: cart-view@2.0.0',
    ]);
    expect(known.suggestion).toMatch(/peer/);
    expect(known.suggestion).not.toContain('$<');
    expect((await verdictOf('./x', ['zorp: the flange is unseated'])).suggestion).toBeNull();
  });

  it('claims nothing when the log shows nothing', async () => {
    const { verdict } = await analyzeLog('one\ntwo\n', { knownFailed: true });
    expect(verdict).toMatchObject({ category: 'unknown', determinism: 'unknown', suggestion: null });
    expect(verdict.confidence).toBeLessThan(0.5);
  });
});

describe('the confidence', () => {
  it('is lower when another category has a finding as good', async () => {
    const alone = await analyzeLog(job('make all', [TSC]));
    const rivalled = await analyzeLog(job('make all', [TSC, 'write /var/lib/x: no space left on device']));
    expect(rivalled.certainty.margin).toBeLessThan(alone.certainty.margin);
    expect(rivalled.verdict.confidence).toBeLessThan(alone.verdict.confidence);
  });
});
