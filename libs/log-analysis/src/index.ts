export { analyzeLog } from './analyze-log.js';
export type { AnalyzeOptions, LogAnalysis } from './options.js';
export { BASELINE_VERSION, type Baseline } from './baseline/baseline.js';
export { buildBaseline, type BuildBaselineOptions } from './baseline/build-baseline.js';
export { redactText, TextRedactor } from './redaction/text-redactor.js';
export { maskVariableParts } from './signature/mask.js';
export { anchorCitation } from './citations.js';
export { RULES_VERSION } from './detectors/index.js';
