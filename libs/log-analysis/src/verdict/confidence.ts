import type { FailureCategory } from '@app/domain';
import type { RankedHit } from '../ranking/rank.js';

/** What speaks for the category of a verdict. Each from 0 to 1, more of it never lowers the confidence. */
export interface Certainty {
  /** How exactly the first-ranked line says what is wrong: its score. */
  readonly strength: number;
  /** How far the best finding of another category stands behind it; 1 when there is none. */
  readonly margin: number;
  /** 1 when a rule names the category; 0 when it is guessed from the step's title. */
  readonly named: number;
}

/** A logistic model: log-odds of a right category = bias + the sum of weight × evidence. No weight is negative. */
export interface ConfidenceModel extends Certainty {
  readonly bias: number;
}

/** Nothing speaks for any category. */
export const NO_CERTAINTY: Certainty = { strength: 0, margin: 0, named: 0 };

/**
 * Fitted by `npm run cli -- eval MANIFEST --calibrate` to 190 labelled failures that are no part of this repository; ten
 * folds, logs of one cause in one fold: the expected calibration error of verdicts the fit never saw is 0.04. Made again
 * when rules change how often they are right; the command prints the constants.
 */
const FITTED: ConfidenceModel = { bias: -1.8, strength: 2.2, margin: 1.3, named: 1.9 };

/** How sure the rules are of the category, in (0, 1): the share of verdicts with this evidence that are right. */
export function confidenceOf(certainty: Certainty, model: ConfidenceModel = FITTED): number {
  const logOdds =
    model.bias +
    model.strength * certainty.strength +
    model.margin * certainty.margin +
    model.named * certainty.named;
  return 1 / (1 + Math.exp(-logOdds));
}

/** @param named whether a rule names the category, rather than the step's title. */
export function certaintyOf(
  ranked: readonly RankedHit[],
  primary: RankedHit,
  category: FailureCategory,
  named: boolean,
): Certainty {
  if (category === 'unknown') return NO_CERTAINTY;
  let rival = 0;
  for (const { rule, score } of ranked) {
    if (rule.category !== null && rule.category !== category && score > rival) rival = score;
  }
  return {
    strength: Math.min(1, primary.score / 100),
    margin: primary.score <= 0 ? 0 : Math.max(0, 1 - rival / primary.score),
    named: Number(named),
  };
}
