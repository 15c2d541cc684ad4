import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { failingLog } from '../support/running-product.js';

const PASSED =
  '2026-05-04T12:10:10.1234567Z ##[group]Run npm test\n2026-05-04T12:10:11.0000000Z ##[endgroup]\n2026-05-04T12:10:12.0000000Z 12 tests passed\n';
/** The line of `failingLog()` that says what is wrong. */
const CAUSE = failingLog()
  .split('\n')
  .find((line) => line.includes('TS2322'))!
  .replace(/^\S+Z /, '');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devflowfix-eval-'));
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'logs', 'failed.log'), failingLog());
  await writeFile(join(folder, 'logs', 'again.log'), failingLog());
  await writeFile(join(folder, 'logs', 'passed.log'), PASSED);
  await writeFile(join(folder, 'logs', 'empty.log'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Row {
  readonly file: string;
  readonly category?: string;
  readonly error_lines?: readonly string[];
  readonly group?: string;
}

const FAILED = { category: 'compile_error', error_lines: [CAUSE], group: 'cause' };
const LABELS: readonly Row[] = [
  { file: 'failed.log', ...FAILED },
  { file: 'again.log', ...FAILED },
  { file: 'passed.log', category: 'none', error_lines: [] },
];

async function evaluate(rows: readonly Row[], ...args: string[]) {
  const text = rows.map((row) => JSON.stringify({ format: 'gha-raw', ...row })).join('\n');
  await writeFile(join(folder, 'manifest.jsonl'), text);
  return cli('eval', 'manifest.jsonl', ...args);
}

const cli = (...args: string[]) => runCli(args, { cwd: folder });

describe('eval', () => {
  it('prints both excerpts’ scores side by side, apart by category and format', async () => {
    const { code, stdout } = await evaluate(LABELS);
    expect(code).toBe(0);
    expect(stdout).toMatch(/120 lines\/12000 +40 lines\/4000/);
    expect(stdout).toMatch(/evidence hit, every line +100\.0 % +100\.0 %/);
    expect(stdout).toMatch(/false alarms +0 of 1 +0 of 1/);
    expect(stdout).toMatch(/compile_error +2 +100\/100\/100\/100/);
    expect(stdout).toMatch(/gha-raw +2 /);
    expect(stdout).toMatch(/all logs +[\d.]+ MB\/s/);
    expect(stdout).toMatch(/expected error +0\.\d+/);
  });

  it('gives every figure as JSON', async () => {
    const { stdout } = await evaluate(LABELS, '--json', '--calibrate', '--max-lines', '5');
    expect(JSON.parse(stdout)).toMatchObject({
      given: {
        limits: { maxLines: 5, maxChars: 12_000 },
        scores: { failures: 2, successes: 1, strict: 1, categoryAccuracy: 1, pairRecall: 1, falseAlarms: 0 },
        byCategory: [{ value: 'compile_error', failures: 2, strict: 1 }],
        misses: [],
      },
      tight: { limits: { maxLines: 40, maxChars: 4_000 } },
      calibration: { bins: [{ count: 2, accuracy: 1 }] },
      fitted: {
        model: { bias: expect.any(Number) as number },
        crossValidated: { ece: expect.any(Number) as number },
      },
      speed: { mbPerS: expect.any(Number) as number, longLogsMbPerS: null },
      unreadable: [],
    });
  });

  it('lists the worst misses, and no more than asked for', async () => {
    const wrong = LABELS.map((row) =>
      row.group ? { ...row, error_lines: ['a line that nobody printed'] } : row,
    );
    const listed = await evaluate(wrong);
    expect(listed.stdout).toMatch(/evidence hit, every line +0\.0 %/);
    expect(listed.stdout).toMatch(/failed\.log \[120 lines\] +gha-raw +compile_error, said compile_error/);
    expect(listed.stdout).toContain('missing a line that nobody printed');
    expect((await evaluate(wrong, '--failures', '0')).stdout).not.toContain('nobody printed');
  });

  it('counts a log that can’t be read as missed, and says why', async () => {
    const { code, stdout } = await evaluate([...LABELS, { file: 'empty.log', ...FAILED }]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/missed failures +1 of 3/);
    expect(stdout).toMatch(/empty\.log was refused: .*empty/);
  });

  it.each([
    ['a field that is missing', [{ file: 'failed.log', error_lines: [CAUSE] }], /line 1 .*category/],
    ['a log that is missing', [{ file: 'gone.log', ...FAILED }], /lists gone\.log.*can't be read/],
  ] as [string, Row[], RegExp][])('names %s', async (_, rows, message) => {
    const { code, stdout, stderr } = await evaluate(rows);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
  });

  it('names a manifest that isn’t there', async () => {
    const { code, stderr } = await cli('eval', 'nowhere.jsonl');
    expect(code).toBe(1);
    expect(stderr).toMatch(/nowhere\.jsonl can't be read/);
  });
});
