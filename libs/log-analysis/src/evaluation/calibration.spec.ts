import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { confidenceOf, type Certainty } from '../verdict/confidence.js';
import { calibrationOf } from './calibration.js';
import { crossValidate, fitConfidence, type CalibrationSample } from './fit-confidence.js';

const outcomes = (confidence: number, right: number, wrong: number) => [
  ...Array.from({ length: right }, () => ({ confidence, right: true })),
  ...Array.from({ length: wrong }, () => ({ confidence, right: false })),
];

function samples(certainty: Certainty, right: number, wrong: number): CalibrationSample[] {
  return outcomes(0, right, wrong).map((outcome, index) => ({
    unit: `${certainty.strength} ${outcome.right} ${index}`,
    certainty,
    right: outcome.right,
  }));
}

describe('calibrationOf', () => {
  it('is zero when as many are right as was said', () => {
    expect(calibrationOf([...outcomes(0.8, 8, 2), ...outcomes(0.25, 1, 3)]).ece).toBeCloseTo(0);
  });

  it('weighs each bin’s distance by its verdicts', () => {
    // 30 verdicts half as often right as said, 10 as often
    const { ece, bins } = calibrationOf([...outcomes(0.9, 15, 15), ...outcomes(0.5, 5, 5)]);
    expect(ece).toBeCloseTo((30 * 0.4) / 40);
    expect(bins.map(({ from, count, accuracy }) => [from, count, accuracy])).toEqual([
      [0.5, 10, 0.5],
      [0.9, 30, 0.5],
    ]);
  });

  it('counts certainty into the last bin, and has no error of nothing', () => {
    expect(calibrationOf(outcomes(1, 1, 0)).bins).toMatchObject([{ from: 0.9, to: 1, count: 1 }]);
    expect(calibrationOf([]).ece).toBeNull();
  });
});

describe('fitConfidence', () => {
  const strong: Certainty = { strength: 0.95, margin: 1, named: 1 };
  const weak: Certainty = { strength: 0.4, margin: 0, named: 0 };

  it('learns how often each kind of evidence is right', () => {
    const model = fitConfidence([...samples(strong, 190, 10), ...samples(weak, 30, 70)]);
    expect(confidenceOf(strong, model)).toBeCloseTo(0.93, 1);
    expect(confidenceOf(weak, model)).toBeCloseTo(0.3, 1);
  });

  it('gives no weight to evidence that misleads, rather than a negative one', () => {
    const model = fitConfidence([...samples(strong, 10, 190), ...samples(weak, 90, 10)]);
    expect(Math.min(model.strength, model.margin, model.named)).toBeGreaterThanOrEqual(0);
  });

  it('is calibrated on samples it was not fitted to', () => {
    const all = [...samples(strong, 57, 3), ...samples(weak, 12, 28)];
    expect(crossValidate(all).ece).toBeLessThan(0.1);
    expect(crossValidate(all).bins.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
  });

  it('never checks a cause it was fitted to', () => {
    // one cause, always right, against many that are always wrong: known only through its own logs
    const one = samples(strong, 50, 0).map((sample) => ({ ...sample, unit: 'one cause' }));
    const others = samples(strong, 0, 50);
    expect(crossValidate([...one, ...others]).ece).toBeGreaterThan(0.4);
  });
});

describe('confidenceOf', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const certainties = fc.record({ strength: share, margin: share, named: fc.constantFrom(0, 1) });

  it('stays between 0 and 1 and never falls with more evidence', () => {
    fc.assert(
      fc.property(certainties, certainties, (a, b) => {
        const less = {
          strength: Math.min(a.strength, b.strength),
          margin: Math.min(a.margin, b.margin),
          named: Math.min(a.named, b.named),
        };
        const confidence = confidenceOf(a);
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThan(1);
        expect(confidence).toBeGreaterThanOrEqual(confidenceOf(less));
      }),
    );
  });
});
