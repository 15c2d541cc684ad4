import type { LabelledCategory } from './manifest.js';
import { scoreGrouping, type GroupingScores } from './grouping.js';
import { isFailure, logLines, type Judgement } from './judge.js';

/** Logs of more lines than this count for the reduction. */
export const LONG_LOG_LINES = 2_000;
const MB = 1_000_000;

/** Shares are 0–1; null where there is nothing to take a share of. */
export interface HitShares {
  /** Failed logs whose excerpt shows every labelled line. */
  readonly strict: number | null;
  /** … at least one. */
  readonly lenient: number | null;
  /** … whose first-ranked line is a labelled one. */
  readonly primary: number | null;
  readonly categoryAccuracy: number | null;
}

export interface Scores extends HitShares, GroupingScores {
  readonly failures: number;
  readonly successes: number;
  /** Rows with a prediction. */
  readonly predicted: number;
  /** Mean F1 over the labelled failure categories. */
  readonly macroF1: number | null;
  readonly f1: Readonly<Partial<Record<LabelledCategory, number>>>;
  /** Failed logs said to have succeeded. */
  readonly missed: number;
  /** Successful logs said to have failed. */
  readonly falseAlarms: number;
  /** Mean of 1 − excerpt ÷ log characters over the failed long logs with an excerpt. */
  readonly reduction: number | null;
  readonly longLogs: number;
  /** The same over every long log with a prediction. */
  readonly reductionAll: number | null;
  /** Excerpts over the limits. */
  readonly over: number;
  readonly msPerMb: number | null;
  readonly msMax: number | null;
}

/** Everything over failed logs, unless it says otherwise. */
export function scoresOf(judgements: readonly Judgement[]): Scores {
  const failures = judgements.filter(isFailure);
  const successes = judgements.filter((judgement) => !isFailure(judgement));
  const f1 = f1ByCategory(failures);
  const reduced = failures.filter((judgement) => judgement.excerpt.chars > 0).flatMap(reductionOf);
  const predictions = judgements.flatMap(({ prediction }) => (prediction ? [prediction] : []));
  const timed = predictions.filter(({ log }) => log.bytes > 0);
  return {
    failures: failures.length,
    successes: successes.length,
    predicted: predictions.length,
    ...hitShares(failures),
    macroF1: mean(Object.values(f1)),
    f1,
    missed: failures.filter(({ prediction }) => !prediction?.failed).length,
    falseAlarms: successes.filter(({ prediction }) => prediction?.failed).length,
    ...scoreGrouping(judgements),
    reduction: mean(reduced),
    longLogs: reduced.length,
    reductionAll: mean(judgements.flatMap(reductionOf)),
    over: judgements.filter(({ excerpt }) => excerpt.over).length,
    msPerMb:
      timed.length === 0
        ? null
        : sum(timed.map(({ ms }) => ms)) / (sum(timed.map(({ log }) => log.bytes)) / MB),
    msMax: timed.length === 0 ? null : Math.max(...timed.map(({ ms }) => ms)),
  };
}

export function hitShares(failures: readonly Judgement[]): HitShares {
  const share = (counts: (judgement: Judgement) => boolean) =>
    mean(failures.map((judgement) => Number(counts(judgement))));
  return {
    strict: share(({ strict }) => strict),
    lenient: share(({ lenient }) => lenient),
    primary: share(({ primary }) => primary),
    categoryAccuracy: share(({ categoryRight }) => categoryRight),
  };
}

function f1ByCategory(failures: readonly Judgement[]): Partial<Record<LabelledCategory, number>> {
  const f1: Partial<Record<LabelledCategory, number>> = {};
  for (const category of [...new Set(failures.map(({ row }) => row.category))].toSorted()) {
    let right = 0;
    let wrong = 0;
    for (const { row, prediction } of failures) {
      const labelled = row.category === category;
      const predicted = prediction?.category === category;
      if (labelled && predicted) right += 1;
      else if (labelled || predicted) wrong += 1;
    }
    f1[category] = right === 0 ? 0 : (2 * right) / (2 * right + wrong);
  }
  return f1;
}

function reductionOf(judgement: Judgement): number[] {
  const { prediction, excerpt } = judgement;
  if (!prediction || logLines(judgement) <= LONG_LOG_LINES || prediction.log.chars === 0) return [];
  return [1 - excerpt.chars / prediction.log.chars];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}
