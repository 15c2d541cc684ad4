import { confidenceOf, type Certainty, type ConfidenceModel } from '../verdict/confidence.js';
import { calibrationOf, type Calibration, type Outcome } from './calibration.js';

/** One verdict to learn from. */
export interface CalibrationSample {
  /** Samples with the same value (logs of one cause) are never split between fitting and checking. */
  readonly unit: string;
  readonly certainty: Certainty;
  readonly right: boolean;
}

/** What is believed before any log was seen: the fit moves from here as far as the samples speak for it. */
const PRIOR: ConfidenceModel = { bias: -2, strength: 2, margin: 1, named: 1.5 };
/** How firmly: the inverse variance of every constant around its prior. */
const PRIOR_PRECISION = 1;
/**
 * Rules were written with the labelled logs in sight, so they do better there than on logs nobody saw: a right verdict
 * counts as right this often only.
 */
const RIGHT_TARGET = 0.97;
/** At this rate the ascent converges for any samples: no part is above 1, so the curvature is below one a sample. */
const RATE = 1;
const ROUNDS = 2_000;
const PARTS = ['strength', 'margin', 'named'] as const;

/** Penalised maximum likelihood by projected gradient ascent: deterministic, and no weight falls below zero. */
export function fitConfidence(samples: readonly CalibrationSample[]): ConfidenceModel {
  const model = { ...PRIOR };
  const scale = RATE / Math.max(1, samples.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = { bias: 0, strength: 0, margin: 0, named: 0 };
    for (const { certainty, right } of samples) {
      const residual = (right ? RIGHT_TARGET : 0) - confidenceOf(certainty, model);
      gradient.bias += residual;
      for (const part of PARTS) gradient[part] += residual * certainty[part];
    }
    model.bias += scale * (gradient.bias - PRIOR_PRECISION * (model.bias - PRIOR.bias));
    for (const part of PARTS) {
      const step = scale * (gradient[part] - PRIOR_PRECISION * (model[part] - PRIOR[part]));
      model[part] = Math.max(0, model[part] + step);
    }
  }
  return model;
}

/** The calibration of verdicts whose model never saw them: each fold is judged by a fit on the others. */
export function crossValidate(samples: readonly CalibrationSample[], folds = 10): Calibration {
  const units = [...new Set(samples.map(({ unit }) => unit))].toSorted();
  const foldOf = new Map(units.map((unit, index) => [unit, index % folds]));
  const outcomes: Outcome[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const held = samples.filter(({ unit }) => foldOf.get(unit) === fold);
    if (held.length === 0) continue;
    const model = fitConfidence(samples.filter(({ unit }) => foldOf.get(unit) !== fold));
    for (const { certainty, right } of held) {
      outcomes.push({ confidence: confidenceOf(certainty, model), right });
    }
  }
  return calibrationOf(outcomes);
}
