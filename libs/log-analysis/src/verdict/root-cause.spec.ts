import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

async function causeOf(lines: readonly string[]): Promise<string> {
  const analysis = await analyzeLog(['starting', ...lines, ''].join('\n'), { knownFailed: true });
  return analysis.verdict.rootCause;
}

describe('the root cause', () => {
  it.each([
    [
      'the conflicting packages of npm',
      [
        'npm error code ERESOLVE',
        'npm error ERESOLVE could not resolve',
        'npm error',
        'npm error While resolving: cart-view@2.0.0',
        'npm error Found: cart@3.0.0',
        'npm error Could not resolve dependency:',
        'npm error peer cart@"^1.0.0 || ^2.0.0" from cart-view@2.0.0',
      ],
      'npm: While resolving: cart-view@2.0.0; Found: cart@3.0.0; peer cart@"^1.0.0 || ^2.0.0" from cart-view@2.0.0.',
    ],
    [
      'what a jest test expected and got',
      [
        'FAIL src/cart.test.ts',
        '  ● cart › adds items',
        '',
        '    expect(received).toBe(expected) // Object.is equality',
        '',
        '    Expected: 3',
        '    Received: 2',
      ],
      'jest at src/cart.test.ts: expect(received).toBe(expected) // Object.is equality, expected 3, got 2 (test cart › adds items).',
    ],
    [
      'the message below a panic',
      [
        'test cart::total ... FAILED',
        "thread 'cart::total' panicked at src/cart.rs:12:9:",
        'assertion `left == right` failed',
        '  left: 2',
        ' right: 3',
      ],
      'cargo-test at src/cart.rs:12: assertion `left == right` failed, expected 3, got 2 (test cart::total).',
    ],
    [
      'the place and message of a failed Go test',
      ['--- FAIL: TestTotal (0.00s)', '    cart_test.go:12: the sum is off', 'FAIL'],
      'gotest at cart_test.go:12: the sum is off (test TestTotal).',
    ],
    [
      'the file above a list of problems',
      ['/src/cart.ts', "  12:7  error  'total' is never used  no-unused-vars"],
      "eslint no-unused-vars at /src/cart.ts:12: 'total' is never used.",
    ],
    [
      'no program where a rule knows only the kind of line',
      ['frobnicate: error: the widget does not fit'],
      'The job failed: the widget does not fit.',
    ],
  ])('names %s', async (_, lines, sentence) => {
    expect(await causeOf(lines)).toBe(sentence);
  });

  it('names the step of a program that no rule knows', async () => {
    const log = [
      '##[group]Run ./check.sh',
      '##[endgroup]',
      'the widgets of src/cart.ts do not fit',
      '##[error]Process completed with exit code 1.',
      '',
    ];
    expect((await analyzeLog(log.join('\n'))).verdict.rootCause).toBe(
      'Step “./check.sh” failed: the widgets of src/cart.ts do not fit.',
    );
  });
});

describe('the step in the sentence', () => {
  const log = [
    '##[group]Run export REPORT=/tmp/report.x1Y2z3',
    'export REPORT=/tmp/report.x1Y2z3',
    '##[endgroup]',
    "src/cart.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.",
    '##[error]Process completed with exit code 2.',
    'Post job cleanup.',
  ]
    .map((line) => `2024-05-01T10:00:00.0000000Z ${line}\n`)
    .join('');

  it('goes by the name that the provider gives it', async () => {
    const { verdict } = await analyzeLog(log, { failedStep: 'Build' });
    expect(verdict.rootCause).toContain('in step “Build”');
    expect(verdict.rootCause).not.toContain('/tmp');
  });

  it('goes by its command where nobody names it', async () => {
    const { verdict } = await analyzeLog(log);
    expect(verdict.rootCause).toContain('in step “export REPORT=/tmp/report.x1Y2z3”');
  });
});
