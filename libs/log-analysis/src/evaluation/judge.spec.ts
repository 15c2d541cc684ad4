import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { cleanLine } from './clean-line.js';
import { codePoints, judge, type Prediction } from './judge.js';
import type { ManifestRow } from './manifest.js';

const row = (changes: Partial<ManifestRow> = {}): ManifestRow => ({
  file: 'a.log',
  format: 'gha-raw',
  category: 'compile_error',
  errorLines: ['src/a.ts(1,2): error TS1005: wanted', 'src/b.ts(3,4): error TS1005: wanted'],
  group: null,
  lines: null,
  ...changes,
});
const prediction = (changes: Partial<Prediction> = {}): Prediction => ({
  failed: true,
  category: 'compile_error',
  confidence: 0.9,
  excerpt: '',
  primary: null,
  fingerprint: 'v1:a',
  ms: 1,
  log: { lines: 10, chars: 100, bytes: 100 },
  ...changes,
});
const LIMITS = { maxLines: 3, maxChars: 200 };

describe('cleanLine', () => {
  it.each([
    ['2026-02-03T04:05:06.1234567Z   text ', 'gha-raw', 'text'],
    ['\ufeff2026-02-03T04:05:06.1234567Z text', 'gha-raw', 'text'],
    ['∩╗┐2026-02-03T04:05:06Z text', 'gh-run-view', 'text'],
    ['build\tInstall\t2026-02-03T04:05:06.1Z a\tb', 'gh-run-view', 'a\tb'],
    ['build\tInstall\ttext', 'gha-raw', 'build\tInstall\ttext'],
    ['\u001b[31mred\u001b[0m and \u001b]8;;x\u0007linked', 'plain', 'red and linked'],
  ])('%j of %s is %j', (line, format, cleaned) => {
    expect(cleanLine(line, format)).toBe(cleaned);
  });
});

describe('judge', () => {
  it('hits strictly when every labelled line is shown, leniently when one is', () => {
    const both = '1 | src/a.ts(1,2): error TS1005: wanted\n2 | src/b.ts(3,4): error TS1005: wanted';
    expect(judge(row(), prediction({ excerpt: both }), LIMITS)).toMatchObject({
      strict: true,
      lenient: true,
      missing: [],
    });
    expect(judge(row(), prediction({ excerpt: both.split('\n')[0]! }), LIMITS)).toMatchObject({
      strict: false,
      lenient: true,
      missing: ['src/b.ts(3,4): error TS1005: wanted'],
    });
  });

  it('shows nothing when there is no prediction', () => {
    expect(judge(row(), null, LIMITS)).toMatchObject({ strict: false, lenient: false, categoryRight: false });
  });

  it('sees no more of an excerpt than its limits allow', () => {
    const late = `1\n2\n3\n${row().errorLines.join('\n')}`;
    expect(judge(row(), prediction({ excerpt: late }), LIMITS)).toMatchObject({
      lenient: false,
      excerpt: { lines: 3, over: true },
    });
    const long = `${'x'.repeat(199)}\n${row().errorLines[0]!}`;
    expect(judge(row(), prediction({ excerpt: long }), LIMITS).excerpt).toMatchObject({
      chars: 200,
      over: true,
    });
  });

  it('never says that an excerpt is larger than its limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (excerpt) => {
        const judged = judge(row(), prediction({ excerpt }), LIMITS).excerpt;
        expect(judged.lines).toBeLessThanOrEqual(LIMITS.maxLines);
        expect(judged.chars).toBeLessThanOrEqual(LIMITS.maxChars);
      }),
    );
  });

  it.each([
    ['the labelled line itself', 'src/b.ts(3,4): error TS1005: wanted', true],
    ['a line around it', '##[error]src/b.ts(3,4): error TS1005: wanted', true],
    ['a long part of it', 'error TS1005: wanted', true],
    ['a short part of it', 'wanted', false],
    ['another line', 'Found 2 errors.', false],
    ['none', null, false],
  ])('takes %s as the first line or not', (_, primary, hit) => {
    expect(judge(row(), prediction({ primary }), LIMITS).primary).toBe(hit);
  });
});

describe('codePoints', () => {
  it('counts what an iterator of the text counts', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 50 }),
        (text) => codePoints(text) === [...text].length,
      ),
    );
    expect(codePoints('a😀\ud83d')).toBe(3);
  });
});
