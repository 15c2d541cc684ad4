export { analyzeLog } from './analyze-log.js';
export type { AnalyzeOptions, LogAnalysis } from './options.js';
export { BASELINE_VERSION, type Baseline } from './baseline/baseline.js';
export { buildBaseline, type BuildBaselineOptions } from './baseline/build-baseline.js';
export { keepYoungGenerationSmall } from './young-generation.js';
export { redactText, TextRedactor } from './redaction/text-redactor.js';
export { maskVariableParts } from './signature/mask.js';
export { signatureSimilarity } from './signature/signature-similarity.js';
export { anchorCitation } from './citations.js';
export { renewCitation } from './renewed-citation.js';
export { RULES_VERSION } from './detectors/index.js';
export { parseManifest, type LabelledCategory, type ManifestRow } from './evaluation/manifest.js';
export {
  codePoints,
  judge,
  logLines,
  type JudgeLimits,
  type Judgement,
  type Prediction,
} from './evaluation/judge.js';
export { scoresOf, type HitShares, type Scores } from './evaluation/scores.js';
export {
  breakdown,
  byCategory,
  byFormat,
  byLength,
  worstMisses,
  type BreakdownRow,
} from './evaluation/breakdown.js';
export { calibrationOf, type Calibration, type Outcome } from './evaluation/calibration.js';
export { crossValidate, fitConfidence, type CalibrationSample } from './evaluation/fit-confidence.js';
export type { Certainty, ConfidenceModel } from './verdict/confidence.js';
