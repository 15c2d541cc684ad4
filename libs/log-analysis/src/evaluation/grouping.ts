import { groupBy } from './group-by.js';
import type { Judgement } from './judge.js';

/** Whether equal fingerprints mean equal causes. */
export interface GroupingScores {
  /** Of the pairs with one labelled group, those with equal fingerprints. */
  readonly pairRecall: number | null;
  readonly groupPairs: number;
  /** Of the pairs with equal fingerprints, those of one group or with the same first labelled line. */
  readonly pairPrecision: number | null;
  readonly fingerprintPairs: number;
}

/** Over all logs, failed or not. */
export function scoreGrouping(judgements: readonly Judgement[]): GroupingScores {
  const grouped = pairsBy(judgements, ({ row }) => row.group);
  const alike = pairsBy(judgements, fingerprintOf);
  return {
    pairRecall: share(
      grouped,
      ([a, b]) => fingerprintOf(a) !== null && fingerprintOf(a) === fingerprintOf(b),
    ),
    groupPairs: grouped.length,
    pairPrecision: share(alike, ([a, b]) => sameCause(a, b)),
    fingerprintPairs: alike.length,
  };
}

type Pair = readonly [Judgement, Judgement];

function fingerprintOf({ prediction }: Judgement): string | null {
  return prediction?.fingerprint ?? null;
}

function sameCause(a: Judgement, b: Judgement): boolean {
  if (a.row.group !== null && a.row.group === b.row.group) return true;
  return a.labels[0] !== undefined && a.labels[0] === b.labels[0];
}

function pairsBy(judgements: readonly Judgement[], keyOf: (judgement: Judgement) => string | null): Pair[] {
  return [...groupBy(judgements, keyOf).values()].flatMap((group) =>
    group.flatMap((a, index) => group.slice(index + 1).map((b): Pair => [a, b])),
  );
}

function share(pairs: readonly Pair[], holds: (pair: Pair) => boolean): number | null {
  return pairs.length === 0 ? null : pairs.filter(holds).length / pairs.length;
}
