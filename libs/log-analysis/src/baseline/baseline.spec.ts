import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';
import { buildBaseline } from './build-baseline.js';

const EXIT = '##[error]Process completed with exit code 1.';
const FLAKY = (seconds: number) => `AssertionError: cart-cache did not answer within ${seconds} ms`;
const NEW_ERROR = 'ERROR: the ledger has no entry for order A';

/** What one step of some job prints, with the numbers of one run. */
function job(words: readonly string[], run: number, extra: readonly string[] = []): string {
  const lines = [
    '##[group]Run ./check.sh',
    './check.sh',
    '##[endgroup]',
    ...words.map((word, i) => `${word} module ${i % 3} ready after ${run * 37 + i} ms`),
    ...words.map((word) => `Stored ${word} as /srv/out/${run + 1_000}/${word}.bin`),
    ...extra,
  ];
  return lines
    .map((line, i) => `2024-05-0${(run % 9) + 1}T10:00:${String(i % 60).padStart(2, '0')}.1234567Z ${line}\n`)
    .join('');
}

const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];
const OTHER_WORDS = ['eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht'];

const failure = (name: string) => `FAILED tests/test_ledger.py::test_sum_${name} - assert 3 == 4`;
const lost = (pod: string) => `ERROR: lost the connection to pod cart-${pod} again`;

function* manyKinds() {
  for (let i = 0; i < 60_000; i += 1) {
    const word = `w${((i * 2_654_435_761) % 4_294_967_296).toString(36).replace(/\d/g, 'x')}`;
    yield Buffer.from(
      i % 2 === 0
        ? `${word} ${'"\\ü'.repeat(i % 90)} ${word}${word}\n`
        : `ERROR: ${word} ${word}y failed with ${word}z ${'lorem '.repeat(i % 40)}\n`,
    );
  }
}

describe('a baseline of green runs of the same job', () => {
  it('lets the new error outrank a complaint that green runs print too', async () => {
    const failed = job(WORDS, 5, [FLAKY(731), NEW_ERROR, EXIT]);
    const alone = await analyzeLog(failed);
    expect(alone.primary?.text).toBe(FLAKY(731));
    const baseline = await buildBaseline([job(WORDS, 1, [FLAKY(902)]), job(WORDS, 2)]);
    const compared = await analyzeLog(failed, { baseline });
    expect(compared.primary?.text).toBe(NEW_ERROR);
    expect(compared.excerpt).toContain(FLAKY(731));
  });

  it('shows what is new before what is not when room is scarce', async () => {
    const usual = ['Reading the ledger', 'Sorting the entries'];
    const failed = job(WORDS, 5, [NEW_ERROR, ...usual, 'Closing the books of Friday', EXIT]);
    const baseline = await buildBaseline([job(WORDS, 1, usual)]);
    const limits = { maxLines: 3, maxChars: 400 };
    expect((await analyzeLog(failed, limits)).excerpt).not.toContain('Closing the books of Friday');
    const { excerpt } = await analyzeLog(failed, { baseline, ...limits });
    expect(excerpt).toContain(NEW_ERROR);
    expect(excerpt).toContain('Closing the books of Friday');
  });

  it('hides no failure for having been seen before: the only one stays primary', async () => {
    const failed = job(WORDS, 5, [FLAKY(731), EXIT]);
    const baseline = await buildBaseline([job(WORDS, 1, [FLAKY(902)])]);
    const compared = await analyzeLog(failed, { baseline });
    expect(compared.failed).toBe(true);
    expect(compared.primary?.text).toBe(FLAKY(731));
    expect(compared.findings).toEqual((await analyzeLog(failed)).findings);
  });

  it('does not know a failed test by the failure of another', async () => {
    const failed = job(WORDS, 5, [failure('12'), failure('13'), EXIT]);
    const baseline = await buildBaseline([job(WORDS, 1, [failure('12')]), job(WORDS, 2, [failure('14')])]);
    expect((await analyzeLog(failed, { baseline })).primary?.text).toBe(failure('13'));
  });

  it('knows a complaint whose names with numbers differ in every run', async () => {
    const failed = job(WORDS, 5, [lost('x9k2'), NEW_ERROR, EXIT]);
    const baseline = await buildBaseline([job(WORDS, 1, [lost('7fq3')]), job(WORDS, 2, [lost('b81z')])]);
    expect((await analyzeLog(failed)).primary?.text).toBe(lost('x9k2'));
    expect((await analyzeLog(failed, { baseline })).primary?.text).toBe(NEW_ERROR);
  });
});

describe('a baseline that has nothing to do with the log', () => {
  it('changes nothing, even where single lines are the same', { timeout: 60_000 }, async () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(...OTHER_WORDS, FLAKY(1), NEW_ERROR, EXIT, 'npm error code ERESOLVE'),
        fc.string({ maxLength: 60 }).map((text) => text.replace(/[\r\n]/g, ' ')),
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(lines, lines, fc.integer({ min: 0, max: 8 }), async (ofGreen, ofFailed, run) => {
        const baseline = await buildBaseline([job(OTHER_WORDS, run, ofGreen.slice(0, 6))]);
        const failed = job(WORDS, run, [...ofFailed.slice(0, 6), FLAKY(2), NEW_ERROR, EXIT]);
        expect(await analyzeLog(failed, { baseline })).toEqual(await analyzeLog(failed));
      }),
      { numRuns: 60 },
    );
  });

  it('of another version is not used', async () => {
    const failed = job(WORDS, 5, [FLAKY(731), NEW_ERROR, EXIT]);
    const baseline = { ...(await buildBaseline([job(WORDS, 1, [FLAKY(902)])])), version: 0 };
    expect(await analyzeLog(failed, { baseline })).toEqual(await analyzeLog(failed));
  });
});

describe('whatever the baseline', () => {
  it('the verdict whether the job failed and the line that is shown stand', { timeout: 60_000 }, async () => {
    const lines = fc.array(
      fc.constantFrom(
        FLAKY(1),
        NEW_ERROR,
        EXIT,
        'npm error code ERESOLVE',
        'warning: slow',
        'FAIL src/a.spec.ts',
      ),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(lines, lines, async (ofGreen, ofFailed) => {
        const baseline = await buildBaseline([job(WORDS, 1, ofGreen)]);
        const failed = job(WORDS, 2, ofFailed);
        const alone = await analyzeLog(failed);
        const compared = await analyzeLog(failed, { baseline });
        expect(compared.failed).toBe(alone.failed);
        expect(compared.primary === null).toBe(alone.primary === null);
        if (compared.primary) expect(compared.excerpt).toContain(compared.primary.text);
      }),
      { numRuns: 80 },
    );
  });
});

describe('what a baseline holds', () => {
  it('survives JSON and is the same for the same runs', async () => {
    const runs = [job(WORDS, 1, [FLAKY(3)]), job(WORDS, 2)];
    const baseline = await buildBaseline(runs);
    expect(JSON.parse(JSON.stringify(baseline))).toEqual(baseline);
    expect(await buildBaseline(runs)).toEqual(baseline);
    expect(baseline.runs).toBe(2);
    expect(baseline.lines).toBe(job(WORDS, 1).split('\n').length + job(WORDS, 2).split('\n').length - 1);
  });

  it('no more lines for further runs that print the same', async () => {
    const one = await buildBaseline([job(WORDS, 1)]);
    const many = await buildBaseline(Array.from({ length: 8 }, (_, run) => job(WORDS, run)));
    expect(many.ordinary).toEqual(one.ordinary);
  });

  it('no secret', async () => {
    const secrets = [`ghp_${'A1b2C3d4'.repeat(4)}zzzz`, 'hunter2hunter2', 'AKIAIOSFODNN7EXAMPLQ'];
    const baseline = await buildBaseline([
      job(WORDS, 1, [
        `ERROR: login with ${secrets[0]} refused`,
        `cloning https://ci:${secrets[1]}@git.example.org/app.git`,
        `aws_access_key_id=${secrets[2]}`,
      ]),
    ]);
    const text = JSON.stringify(baseline);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).toContain('cloning');
  });

  it(
    'at most 256 KB, whatever the log: many kinds of lines, long ones, none alike',
    { timeout: 60_000 },
    async () => {
      const baseline = await buildBaseline([manyKinds()]);
      expect(Buffer.byteLength(JSON.stringify(baseline))).toBeLessThan(256_000);
      expect(baseline.telling.length).toBeGreaterThan(300);
      expect(baseline.ordinary.length).toBeGreaterThan(300);
    },
  );

  it('is refused for a log that is none', async () => {
    await expect(buildBaseline([''])).rejects.toMatchObject({ code: 'unreadable_log' });
  });
});
