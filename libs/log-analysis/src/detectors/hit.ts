import type { RuleBody } from './detector.js';

export type HitFields = Readonly<Record<string, string | undefined>>;

/** A line of the log that a rule recognised. */
export interface Hit {
  readonly rule: RuleBody;
  /** 1-based physical line. */
  readonly no: number;
  readonly text: string;
  readonly body: string;
  readonly step: number;
  /** The rule's weight, lowered for warnings and noise. */
  readonly weight: number;
  readonly fields: HitFields;
  /** Marked as an error by the provider or the tool. */
  readonly annotated: boolean;
}
