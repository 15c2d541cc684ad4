import type { AnswerSource } from './answer-source.js';
import type { AnchoredCitation } from './evidence.js';
import type { RootCauseAnalysis, Classification, Solution, Validation } from './ports/language-model.js';

/** `insufficient_evidence`: nothing the answer cited could be found in the log. */
export type DiagnosisState = 'complete' | 'insufficient_evidence';

/**
 * The stored answer for a failure pattern. Holds evidence ids and quotes, no line numbers, so that it can be
 * re-anchored to each new log of the pattern.
 */
export interface Diagnosis {
  readonly id: string;
  readonly projectId: string;
  readonly patternId: string;
  /** The incident whose log it was made from. */
  readonly incidentId: string;
  /**
   * Who would answer today, for example `rules:1` or `openai:gpt-5:p1`: a stored diagnosis is reused only while
   * this is unchanged.
   */
  readonly analyst: string;
  readonly source: AnswerSource;
  readonly state: DiagnosisState;
  /** Why the rules answered in the model's place (`code: message`); null when nobody had to. */
  readonly fallbackReason: string | null;
  readonly classification: Classification;
  readonly rootCause: RootCauseAnalysis;
  readonly solution: Solution;
  readonly validation: Validation | null;
  /** Model dollars spent to make it. */
  readonly costUsd: number;
  readonly modelCalls: number;
  readonly createdAt: Date;
}

/** A diagnosis as one incident shows it: re-anchored to that incident's log. */
export interface IncidentDiagnosis {
  readonly diagnosis: Diagnosis;
  /** True when the pattern's stored diagnosis was reused: no model call for this incident. */
  readonly reused: boolean;
  readonly citations: readonly AnchoredCitation[];
  /** A person called it wrong: it is shown as what was said once, and rests nothing any more. */
  readonly contradicted: boolean;
}
