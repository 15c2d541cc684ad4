import type { Citation, Evidence, Finding } from '../evidence.js';
import type { Attribution, Determinism, FailureCategory, Fixability, Severity } from '../failure-taxonomy.js';
import type { AnswerSource } from '../answer-source.js';

/** What every operation is told about the failure. All text is redacted. */
export interface FailureContext {
  readonly projectId: string;
  readonly repository: string;
  readonly workflowName: string | null;
  readonly jobName: string | null;
  readonly failedStep: string | null;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  /** Cleaned excerpt with line numbers, for people and prompts. */
  readonly excerpt: string;
  /** The evidence with its variable parts masked: what cache keys are made of. */
  readonly signature: string;
  readonly similar: readonly SimilarIncident[];
  /** The verdict of the rules, which the rule analyst answers from and a model may overrule. */
  readonly ruleVerdict: RuleVerdict;
}

/** What the rules of libs/log-analysis concluded from the log alone. */
export interface RuleVerdict {
  readonly category: FailureCategory;
  readonly subcategory: string | null;
  readonly confidence: number;
  readonly determinism: Determinism;
  readonly attribution: Attribution;
  readonly fixability: Fixability;
  /** One sentence built from the findings. */
  readonly rootCause: string;
  /** A command or config change, where the rule knows one. */
  readonly suggestion: string | null;
}

export interface SimilarIncident {
  readonly incidentId: string;
  /** Cosine similarity, 0 to 1. */
  readonly score: number;
  readonly category: FailureCategory | null;
  readonly rootCause: string | null;
  readonly solution: string | null;
  readonly resolved: boolean;
}

export interface Classification {
  readonly category: FailureCategory;
  readonly subcategory: string | null;
  readonly severity: Severity;
  readonly determinism: Determinism;
  readonly attribution: Attribution;
  readonly fixability: Fixability;
  /** 0 to 1. */
  readonly confidence: number;
  readonly reasoning: string;
}

export interface RootCauseAnalysis {
  readonly primaryCause: string;
  readonly contributingFactors: readonly string[];
  readonly affectedComponents: readonly string[];
  readonly citations: readonly Citation[];
  readonly confidence: number;
  readonly prevention: readonly string[];
}

export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];

/** An exact search/replace edit; `search` must stand at exactly one place of the file. */
export interface CodeEdit {
  readonly path: string;
  readonly search: string;
  readonly replace: string;
}

export interface Solution {
  readonly summary: string;
  readonly steps: readonly string[];
  readonly commands: readonly string[];
  readonly edits: readonly CodeEdit[];
  readonly risk: Risk;
  readonly prevention: readonly string[];
  /** Minutes of a person's work; null when not estimated. */
  readonly estimatedMinutes: number | null;
}

export const RECOMMENDATIONS = ['proceed', 'modify', 'escalate'] as const;
export type Recommendation = (typeof RECOMMENDATIONS)[number];

export interface Validation {
  readonly safe: boolean;
  readonly appropriate: boolean;
  readonly risk: Risk;
  readonly concerns: readonly string[];
  readonly preconditions: readonly string[];
  readonly recommendation: Recommendation;
}

/** What one answer cost, and who gave it. */
export interface AnswerMeta {
  readonly source: AnswerSource;
  /** Answered from the cache: no provider was asked. */
  readonly cached: boolean;
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  /** Why the rules answered in the model's place; null otherwise. */
  readonly fallbackReason: string | null;
}

export interface Answer<T> {
  readonly value: T;
  readonly meta: AnswerMeta;
}

export interface CallOptions {
  /** The incident the call is for; goes to the usage ledger. */
  readonly incidentId?: string;
  readonly signal?: AbortSignal;
  /** Past the caches: the answer is made anew, and stored. */
  readonly fresh?: boolean;
}

/**
 * The four operations of a diagnosis. Implementations answer or throw `ExternalFailure`; the one bound in the
 * product ends in the rule analyst and so always answers.
 */
export abstract class LanguageModel {
  /** Names who would answer: provider, model and prompt versions. Stored diagnoses are valid for one identity. */
  abstract identity(): string;
  abstract classify(context: FailureContext, options?: CallOptions): Promise<Answer<Classification>>;
  abstract analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: CallOptions,
  ): Promise<Answer<RootCauseAnalysis>>;
  abstract generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: CallOptions,
  ): Promise<Answer<Solution>>;
  abstract validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: CallOptions,
  ): Promise<Answer<Validation>>;
}
