import { describe, expect, it } from 'vitest';
import { breakdown, byCategory, byLength, worstMisses } from './breakdown.js';
import { judge, type Judgement, type Prediction } from './judge.js';
import type { LabelledCategory } from './manifest.js';
import { scoresOf } from './scores.js';

interface Case {
  readonly file: string;
  readonly labelled: LabelledCategory;
  readonly said: LabelledCategory;
  readonly shown?: boolean;
  readonly first?: boolean;
  readonly group?: string;
  readonly fingerprint?: string;
  readonly lines?: number;
}

const LINE = 'the decisive line';

function judged({ file, labelled, said, shown, first, group, fingerprint, lines = 10 }: Case): Judgement {
  const prediction: Prediction = {
    failed: said !== 'none',
    category: said === 'none' ? null : said,
    confidence: 0.5,
    excerpt: shown === false || said === 'none' ? '' : LINE,
    primary: first === false ? null : LINE,
    fingerprint: fingerprint ?? null,
    ms: 2,
    log: { lines, chars: 170, bytes: 500_000 },
  };
  const row = {
    file,
    format: 'plain',
    category: labelled,
    errorLines: labelled === 'none' ? [] : [LINE],
    group: group ?? null,
    lines: null,
  };
  return judge(row, prediction, { maxLines: 120, maxChars: 12_000 });
}

const FAILURES = [
  judged({ file: 'a', labelled: 'network', said: 'network', group: 'g', fingerprint: '1', lines: 3_000 }),
  judged({ file: 'b', labelled: 'network', said: 'quality', group: 'g', fingerprint: '2', first: false }),
  judged({ file: 'c', labelled: 'quality', said: 'quality', group: 'g', fingerprint: '1' }),
  judged({ file: 'd', labelled: 'quality', said: 'none', shown: false, first: false }),
];
const SUCCESSES = [
  judged({ file: 'e', labelled: 'none', said: 'none' }),
  judged({ file: 'f', labelled: 'none', said: 'quality', fingerprint: '1' }),
];

describe('scoresOf', () => {
  const scores = scoresOf([...FAILURES, ...SUCCESSES]);

  it('takes hits, accuracy and misses over the failed logs, alarms over the others', () => {
    expect(scores).toMatchObject({
      failures: 4,
      successes: 2,
      strict: 3 / 4,
      primary: 2 / 4,
      categoryAccuracy: 2 / 4,
      missed: 1,
      falseAlarms: 1,
    });
  });

  it('weighs every category alike in macro-F1', () => {
    // network: one right, one missed; quality: one right, one missed, one too many
    expect(scores.f1).toEqual({ network: 2 / 3, quality: 1 / 2 });
    expect(scores.macroF1).toBeCloseTo((2 / 3 + 1 / 2) / 2);
  });

  it('scores grouping over pairs, those with a successful log included', () => {
    // of a–b, a–c, b–c only a–c are equal; a–c, a–f, c–f have equal fingerprints, and only a–c share a cause
    expect(scores).toMatchObject({
      groupPairs: 3,
      pairRecall: 1 / 3,
      fingerprintPairs: 3,
      pairPrecision: 1 / 3,
    });
  });

  it('takes the reduction of long logs only', () => {
    expect(scores).toMatchObject({ longLogs: 1, reduction: 1 - LINE.length / 170 });
  });

  it('takes the speed over all bytes', () => {
    expect(scores).toMatchObject({ msPerMb: 4, msMax: 2 });
  });

  it('has no shares of nothing', () => {
    expect(scoresOf([])).toMatchObject({
      strict: null,
      macroF1: null,
      pairRecall: null,
      reduction: null,
      msPerMb: null,
    });
  });
});

describe('breakdown', () => {
  it('parts the failed logs', () => {
    expect(breakdown([...FAILURES, ...SUCCESSES], byCategory)).toMatchObject([
      { value: 'network', failures: 2, strict: 1, categoryAccuracy: 0.5 },
      { value: 'quality', failures: 2, strict: 0.5, categoryAccuracy: 0.5 },
    ]);
    expect(breakdown(FAILURES, byLength).map(({ value, failures }) => [value, failures])).toEqual([
      ['<=120', 3],
      ['>2000', 1],
    ]);
  });
});

describe('worstMisses', () => {
  it('lists what shows nothing first, then what is shown but misjudged, then false alarms', () => {
    const misses = worstMisses([...SUCCESSES, ...FAILURES], 10);
    expect(misses.map(({ row }) => row.file)).toEqual(['d', 'b', 'f']);
    expect(worstMisses([...SUCCESSES, ...FAILURES], 1)).toEqual([misses[0]]);
  });
});
