import { groupBy } from './group-by.js';
import { isFailure, logLines, type Judgement } from './judge.js';
import { hitShares, LONG_LOG_LINES, type HitShares } from './scores.js';

export interface BreakdownRow extends HitShares {
  readonly value: string;
  readonly failures: number;
}

/** The shares of the failed logs apart by what `valueOf` says of them, in its alphabetical order. */
export function breakdown(
  judgements: readonly Judgement[],
  valueOf: (judgement: Judgement) => string,
): BreakdownRow[] {
  const parts = groupBy(judgements.filter(isFailure), valueOf);
  return [...parts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, failures]) => ({ value, failures: failures.length, ...hitShares(failures) }));
}

export const byCategory = ({ row }: Judgement): string => row.category;
export const byFormat = ({ row }: Judgement): string => row.format;

/** By the length of the log. */
export function byLength(judgement: Judgement): string {
  const lines = logLines(judgement);
  if (lines <= 120) return '<=120';
  return lines <= LONG_LOG_LINES ? '121-2000' : '>2000';
}

/**
 * What went wrong, worst first: failures of which nothing is shown, then those shown in part, those with another line
 * first, those with another category; of equals the longest log. Then the false alarms.
 */
export function worstMisses(judgements: readonly Judgement[], limit: number): Judgement[] {
  const misses = judgements
    .filter((judgement) => isFailure(judgement) && ranks(judgement).includes(0))
    .toSorted(
      (a, b) =>
        compare(ranks(a), ranks(b)) || logLines(b) - logLines(a) || (a.row.file < b.row.file ? -1 : 1),
    );
  const alarms = judgements.filter(
    (judgement) => !isFailure(judgement) && judgement.prediction?.failed === true,
  );
  return [...misses, ...alarms].slice(0, limit);
}

function ranks({ lenient, strict, primary, categoryRight }: Judgement): number[] {
  return [lenient, strict, primary, categoryRight].map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
