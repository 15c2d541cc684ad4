import type { CiStep, Evidence, Finding, RuleVerdict } from '@app/domain';
import type { Baseline } from './baseline/baseline.js';
import type { Certainty } from './verdict/confidence.js';

export interface AnalyzeOptions {
  /** Lines of the excerpt at most, elision marks included. Default 120. */
  readonly maxLines?: number;
  /** Characters of the excerpt at most. Default 12,000. */
  readonly maxChars?: number;
  /** The provider said that the job failed: `failed` is true whatever the log shows. */
  readonly knownFailed?: boolean;
  /** The step that the provider names as failed, if known. */
  readonly failedStep?: string | null;
  /** The provider's own steps with conclusions and times: they say for certain which one failed the job. */
  readonly steps?: readonly CiStep[];
  /** What successful runs of the job print (`buildBaseline`): lines that stand there too lose weight. */
  readonly baseline?: Baseline;
  /**
   * Gets the redacted text of the log in order, controls stripped, physical lines kept, so that a caller can archive
   * it in the same pass. Awaited: a slow archive slows the reading, not memory.
   */
  readonly onText?: (chunk: string) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface LogAnalysis {
  /** One of `LOG_FORMATS`. */
  readonly format: string;
  readonly failed: boolean;
  /** Physical lines. */
  readonly lines: number;
  /** Bytes as read, after unpacking. */
  readonly bytes: number;
  /** How many secrets were masked. */
  readonly redactions: number;
  /** Title of the step that failed the job, where the log or the provider names one. */
  readonly failedStep: string | null;
  readonly verdict: RuleVerdict;
  /** What the verdict's confidence rests on. */
  readonly certainty: Certainty;
  /** The first-ranked line, cleaned and redacted; null when the log shows no failure. */
  readonly primary: { readonly line: number; readonly text: string } | null;
  /** Decisive stretches, best first. */
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  /** `  123 | text` lines in log order, left-out stretches marked, within the limits. */
  readonly excerpt: string;
  /** The decisive lines with their variable parts masked. */
  readonly signature: string;
  /** `v2:` and 32 hex digits. */
  readonly fingerprint: string;
  readonly fingerprintVersion: number;
}
