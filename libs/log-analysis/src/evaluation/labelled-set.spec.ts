import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FAILURE_CATEGORIES } from '@app/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';
import { worstMisses } from './breakdown.js';
import { calibrationOf } from './calibration.js';
import { cleanLine } from './clean-line.js';
import { groupBy } from './group-by.js';
import { codePoints, judge, type Judgement, type JudgeLimits } from './judge.js';
import { parseManifest, type ManifestRow } from './manifest.js';
import { scoresOf } from './scores.js';

// The project's own labelled logs hold the analysis to floors: a rule that spoils another tool's verdict fails here.
const SET = resolve('test', 'fixtures', 'logs');
const DEFAULT: JudgeLimits = { maxLines: 120, maxChars: 12_000 };
const TIGHT: JudgeLimits = { maxLines: 40, maxChars: 4_000 };

/** Buildkite's time mark and Taskcluster's: no part of a line. */
// eslint-disable-next-line no-control-regex
const RELAY = /^\u001b_bk;t=\d+\u0007|^\[task [^\]]+\] /;

let rows: readonly ManifestRow[];
let logs: ReadonlyMap<string, Buffer>;
let judged: readonly Judgement[];
let tight: readonly Judgement[];

async function judgeAll(limits: JudgeLimits): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  for (const row of rows) {
    const bytes = logs.get(row.file)!;
    const analysis = await analyzeLog(bytes, limits);
    const { failed, verdict, fingerprint, primary, excerpt, lines } = analysis;
    judgements.push(
      judge(
        row,
        {
          failed,
          category: failed ? verdict.category : null,
          confidence: verdict.confidence,
          excerpt,
          primary: primary?.text ?? null,
          fingerprint: failed ? fingerprint : null,
          ms: 0,
          log: { lines, chars: codePoints(bytes.toString('utf8')), bytes: bytes.length },
        },
        limits,
      ),
    );
  }
  return judgements;
}

beforeAll(async () => {
  rows = parseManifest(await readFile(resolve(SET, 'manifest.jsonl'), 'utf8'));
  const read = rows.map(async ({ file }) => [file, await readFile(resolve(SET, 'logs', file))] as const);
  logs = new Map(await Promise.all(read));
  judged = await judgeAll(DEFAULT);
  tight = await judgeAll(TIGHT);
}, 30_000);

describe('the labelled set', () => {
  it('covers every category, every format, and groups of one cause', () => {
    const categories = FAILURE_CATEGORIES.filter((category) => category !== 'unknown');
    expect(new Set(rows.map(({ category }) => category))).toEqual(new Set([...categories, 'none']));
    expect(new Set(rows.map(({ format }) => format))).toEqual(
      new Set(['gha-raw', 'gh-run-view', 'travis', 'taskcluster', 'buildkite', 'gitlab', 'plain']),
    );
    const groups = [...groupBy(rows, ({ group }) => group).values()];
    expect(groups.length).toBeGreaterThanOrEqual(8);
    expect(groups.every((group) => group.length >= 2)).toBe(true);
  });

  it('labels lines that stand in their logs', () => {
    for (const { file, format, errorLines } of rows) {
      const lines = new Set(
        logs
          .get(file)!
          .toString('utf8')
          .split('\n')
          .map((line) => cleanLine(line.replace(RELAY, ''), format)),
      );
      for (const line of errorLines) expect(lines, `${file} has no such line`).toContain(line);
    }
  });
});

/** What to look at when a score fell below its floor; empty while it holds. */
function fallen(score: number | null, floor: number): unknown[] {
  if (score !== null && score >= floor) return [];
  const misses = worstMisses(judged, 10).map(({ row, missing, prediction }) => ({
    file: row.file,
    missing,
    first: prediction?.primary,
    category: prediction?.category,
  }));
  return [score, ...misses];
}

describe('the analysis of the labelled set', () => {
  it('shows the labelled lines, in a small excerpt too', () => {
    expect(fallen(scoresOf(judged).strict, 0.98)).toEqual([]);
    expect(fallen(scoresOf(tight).strict, 0.96)).toEqual([]);
    expect(scoresOf(judged).over + scoresOf(tight).over).toBe(0);
  });

  it('puts a labelled line first', () => {
    expect(fallen(scoresOf(judged).primary, 0.95)).toEqual([]);
  });

  it('names the category', () => {
    const { categoryAccuracy, macroF1 } = scoresOf(judged);
    expect(fallen(categoryAccuracy, 0.97)).toEqual([]);
    expect(fallen(macroF1, 0.96)).toEqual([]);
  });

  it('misses no failure and raises no alarm', () => {
    expect(scoresOf(judged)).toMatchObject({ missed: 0, falseAlarms: 0 });
  });

  it('gives one fingerprint to one cause', () => {
    const { pairRecall, pairPrecision } = scoresOf(judged);
    expect(pairRecall).toBeGreaterThanOrEqual(0.92);
    expect(pairPrecision).toBeGreaterThanOrEqual(0.95);
  });

  it('is as sure as it is right', () => {
    const outcomes = judged.flatMap(({ prediction, categoryRight: right }) =>
      prediction?.failed ? [{ confidence: prediction.confidence, right }] : [],
    );
    expect(calibrationOf(outcomes).ece).toBeLessThanOrEqual(0.1);
  });
});
