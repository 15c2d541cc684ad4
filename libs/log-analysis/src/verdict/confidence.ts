import type { FailureCategory } from '@app/domain';
import type { RankedHit } from '../ranking/rank.js';

/** How sure the rules are of the category: the share of logs with findings like these that were labelled so. */
export function confidenceOf(
  ranked: readonly RankedHit[],
  primary: RankedHit,
  category: FailureCategory,
  named: boolean,
): number {
  if (!named) return category === 'unknown' ? 0.1 : 0.35;
  const rival = ranked.some(
    (hit) => hit.rule.category !== null && hit.rule.category !== category && hit.score >= primary.score * 0.9,
  );
  const base = primary.score >= 90 ? 0.96 : primary.score >= 80 ? 0.9 : primary.score >= 60 ? 0.75 : 0.5;
  return rival ? base - 0.1 : base;
}
