import { groupBy } from './group-by.js';

/** One verdict: how sure it was of its category, and whether the label agrees. */
export interface Outcome {
  /** 0–1 */
  readonly confidence: number;
  readonly right: boolean;
}

/** The verdicts of one tenth of the scale. */
export interface CalibrationBin {
  /** The bin holds confidences from here (inclusive) … */
  readonly from: number;
  /** … to here (exclusive, but for the last). */
  readonly to: number;
  readonly count: number;
  readonly meanConfidence: number;
  /** Share of verdicts that were right. */
  readonly accuracy: number;
}

export interface Calibration {
  /** Expected calibration error: the mean distance of accuracy and confidence, weighed by verdicts. Null without any. */
  readonly ece: number | null;
  /** Bins that hold verdicts, lowest first. */
  readonly bins: readonly CalibrationBin[];
}

const BINS = 10;

/** How far confidences stand from what comes true, in ten bins of equal width (Naeini et al., AAAI 2015). */
export function calibrationOf(outcomes: readonly Outcome[]): Calibration {
  const binOf = ({ confidence }: Outcome) => Math.min(BINS - 1, Math.max(0, Math.floor(confidence * BINS)));
  const bins = [...groupBy(outcomes, binOf)]
    .toSorted(([a], [b]) => a - b)
    .map(([bin, members]): CalibrationBin => ({
      from: bin / BINS,
      to: (bin + 1) / BINS,
      count: members.length,
      meanConfidence: members.reduce((sum, { confidence }) => sum + confidence, 0) / members.length,
      accuracy: members.filter(({ right }) => right).length / members.length,
    }));
  const gap = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.accuracy - bin.meanConfidence), 0);
  return { ece: outcomes.length === 0 ? null : gap / outcomes.length, bins };
}
