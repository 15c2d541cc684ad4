import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { analyzeLog } from '../analyze-log.js';

const line = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('compiling', 'ok', '', 'x'.repeat(900)) },
  fc
    .nat({ max: 60 })
    .map((n) => `src/f${n}.ts(${n + 1},5): error TS${2_300 + n}: Type ${'y'.repeat(n * 8)} is wrong.`),
  fc.nat({ max: 9 }).map((n) => ` FAIL  src/f${n}.spec.ts > it works ${n}`),
  fc.constantFrom(
    'AssertionError: expected 1 to equal 2',
    '##[group]Run npm test',
    '##[endgroup]',
    '##[error]Process completed with exit code 1.',
  ),
);
const logs = fc.array(line, { minLength: 1, maxLength: 150 }).map((lines) => lines.join('\n'));
const DECISIVE = 'src/app.ts(12,5): error TS2322: Type wrong.';

describe('the excerpt', () => {
  it('stays within its limits, numbers its lines in order, and holds the decisive one', async () => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 100, max: 15_000 }),
        fc.boolean(),
        async (log, maxLines, maxChars, knownFailed) => {
          const analysis = await analyzeLog(`start\n${log}`, { maxLines, maxChars, knownFailed });
          const shown = analysis.excerpt === '' ? [] : analysis.excerpt.split('\n');
          expect(shown.length).toBeLessThanOrEqual(maxLines);
          expect(analysis.excerpt.length).toBeLessThanOrEqual(maxChars);
          const numbers = shown
            .map((text) => /^\s*(\d+) \| /.exec(text)?.[1])
            .filter((no) => no !== undefined)
            .map(Number);
          expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
          expect(numbers).toEqual(expect.arrayContaining(analysis.primary ? [analysis.primary.line] : []));
          expect(numbers.length > 0).toBe(analysis.failed);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('holds the decisive line however little room there is', async () => {
    const log = `${'fine\n'.repeat(50)}${DECISIVE}\n${'fine\n'.repeat(50)}`;
    const { excerpt } = await analyzeLog(log, { maxLines: 1, maxChars: DECISIVE.length * 2 });
    expect(excerpt).toBe(` 51 | ${DECISIVE}`.slice(excerpt.startsWith(' ') ? 0 : 1));
  });

  it('marks what it leaves out', async () => {
    const log = `${DECISIVE}\n${'fine\n'.repeat(50)}src/b.ts(1,1): error TS1005: ; expected.\n`;
    const { excerpt } = await analyzeLog(log, { maxLines: 20 });
    const shown = excerpt.split('\n');
    const gap = shown.findIndex((text) => text.includes('… '));
    const above = Number(/\d+/.exec(shown[gap - 1]!)![0]);
    const below = Number(/\d+/.exec(shown[gap + 1]!)![0]);
    expect(shown[gap]).toContain(`${below - above - 1} lines`);
  });

  it('of a failure that nobody explains is the end of the log', async () => {
    const { excerpt } = await analyzeLog('one\ntwo\nthree', { knownFailed: true });
    expect(excerpt).toBe('1 | one\n2 | two\n3 | three');
  });
});
