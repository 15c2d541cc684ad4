import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { analyzeLog } from '../analyze-log.js';
import { maskVariableParts } from './mask.js';

describe('maskVariableParts', () => {
  it('changes nothing more the second time', () => {
    const parts = fc.constantFrom(
      '2024-05-01T10:00:00Z',
      '12:30:01.5',
      '/home/runner/work/app/src/a.ts',
      'C:\\a\\b\\c\\d.cs',
      '/tmp/x-1/y/z',
      ':12:5',
      '(3,4)',
      '[1, 2]',
      'line 9',
      '127.0.0.1:80',
      'localhost:3000',
      '3.2s',
      '12 MB',
      '45%',
      'pid 77',
      '123456',
      '0xdeadbeef',
      'sha256:0a1b2c3d4e5f60718',
      'a1b2c3d4e5f6',
      ' ',
      '  ',
      '-',
      '/',
      '\\',
      '.',
      'word',
      '<n>',
      '1',
      'x'.repeat(590),
    );
    const lines = fc.oneof(
      fc.string(),
      fc.array(parts, { maxLength: 12 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(lines, (line) => {
        const once = maskVariableParts(line);
        expect(maskVariableParts(once)).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });
});

interface Run {
  readonly time: string;
  readonly port: number;
  readonly pid: number;
  readonly ms: number;
  readonly tmp: string;
  readonly id: string;
  readonly sha: string;
  readonly address: string;
}

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((text) => /\d/.test(text) && /[a-f]/.test(text));
const run: fc.Arbitrary<Run> = fc.record({
  time: fc
    .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  port: fc.integer({ min: 1_024, max: 65_535 }),
  pid: fc.integer({ min: 2, max: 4_000_000 }),
  ms: fc.integer({ min: 1, max: 900_000 }),
  tmp: hex(8),
  id: fc.uuid(),
  sha: hex(40),
  address: hex(12),
});

/** One failure as different runs print it. */
const FAILURES: readonly ((run: Run, code: string, message: string) => string)[] = [
  (r, code, message) =>
    `/home/runner/work/${r.tmp}/app/src/a.ts(12,5): error ${code}: ${message} in /tmp/build-${r.tmp}/out.ts after ${r.ms}ms`,
  (r, code, message) =>
    `src/a.ts(3,7): error ${code}: ${message}, request ${r.id} of commit ${r.sha} at ${r.time}`,
  (r, code, message) =>
    `src/a.ts(3,7): error ${code}: ${message}: connect to 127.0.0.1:${r.port} from pid ${r.pid}, object 0x${r.address}`,
];

function logOf(r: Run, line: string): string {
  return [
    '##[group]Run npm test',
    '##[endgroup]',
    `started as pid ${r.pid}`,
    line,
    '##[error]Process completed with exit code 2.',
  ]
    .map((text) => `${r.time.replace('Z', '0000Z')} ${text}`)
    .join('\n');
}

const identity = async (log: string) => {
  const { fingerprint, signature } = await analyzeLog(log);
  return { fingerprint, signature };
};

describe('the fingerprint', () => {
  it('is the same in every run of one failure', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FAILURES), run, run, async (failure, a, b) => {
        const line = (r: Run) => failure(r, 'TS2322', 'Type mismatch');
        expect(await identity(logOf(a, line(a)))).toEqual(await identity(logOf(b, line(b))));
      }),
      { numRuns: 300 },
    );
  });

  it('differs by code and by message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FAILURES), run, async (failure, r) => {
        const fingerprints = await Promise.all(
          [
            ['TS2322', 'Type mismatch'],
            ['TS2345', 'Type mismatch'],
            ['TS2322', 'Property missing'],
          ].map(
            async ([code, message]) => (await identity(logOf(r, failure(r, code!, message!)))).fingerprint,
          ),
        );
        expect(new Set(fingerprints).size).toBe(3);
      }),
      { numRuns: 50 },
    );
  });

  it('names its version', async () => {
    expect((await analyzeLog('all is well')).fingerprint).toMatch(/^v2:[0-9a-f]{32}$/);
  });
});
