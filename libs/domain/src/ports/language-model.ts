import type { AnswerSource } from '../answer-source.js';
import type { ChatAnswer, ChatQuestion } from '../chat.js';
import type { CodeEdit } from '../code-edit.js';
import type { Citation } from '../evidence.js';
import type { FailureContext } from '../failure-context.js';
import type { Attribution, Determinism, FailureCategory, Fixability, Severity } from '../failure-taxonomy.js';

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
  /** The lines that decide, as they stand in the evidence. */
  readonly keyLines: readonly Citation[];
}

export interface RootCauseAnalysis {
  readonly primaryCause: string;
  readonly contributingFactors: readonly string[];
  /** How the cause led to the failed job, first things first. */
  readonly errorChain: readonly string[];
  readonly affectedComponents: readonly string[];
  readonly citations: readonly Citation[];
  readonly confidence: number;
  readonly prevention: readonly string[];
  /** The cause is a person's, who found an earlier answer wrong; left out: whoever answered. */
  readonly statedBy?: 'person';
}

export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];

/** A setting to be changed: in a file of the repository, or elsewhere (a secret, a runner's label). */
export interface ConfigurationChange {
  /** Null: not in a file. */
  readonly file: string | null;
  readonly setting: string;
  readonly value: string;
  readonly reason: string;
}

export interface Solution {
  /** The immediate fix in one sentence. */
  readonly summary: string;
  readonly steps: readonly string[];
  readonly commands: readonly string[];
  readonly edits: readonly CodeEdit[];
  readonly configurationChanges: readonly ConfigurationChange[];
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
  /** Other ways to mend the cause. */
  readonly alternatives: readonly string[];
  readonly recommendation: Recommendation;
}

/** `syntax`: JSON that had to be mended. `cut_off`: the end was missing and was closed; never cached. */
export type AnswerRepair = 'none' | 'syntax' | 'cut_off';

/** What one answer cost, and who gave it. */
export interface AnswerMeta {
  readonly source: AnswerSource;
  /** Answered from the cache: no provider was asked. */
  readonly cached: boolean;
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly inputTokens: number;
  /** Of the input tokens, those the provider had in its own cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  /** Why somebody else answered in the model's place (`code: message`); null otherwise. */
  readonly fallbackReason: string | null;
  readonly repair: AnswerRepair;
  /** The parts of the prompt that were shortened to fit, by title. */
  readonly cutParts: readonly string[];
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
  /** How long a cached answer is kept, instead of its kind's lifetime. */
  readonly keepMs?: number;
}

/**
 * The four operations of a diagnosis, and answers to people's questions. Implementations answer or throw
 * `ExternalFailure`; the one bound in the product ends in the rule analyst and so always answers.
 */
export abstract class LanguageModel {
  /**
   * Names who would answer now: provider, models, prompt versions, and roles that are switched off. Stored diagnoses
   * are valid for one identity.
   */
  abstract identity(): Promise<string>;
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
  /** Answers a question from the sources that come with it, and from nothing else. */
  abstract answer(question: ChatQuestion, options?: CallOptions): Promise<Answer<ChatAnswer>>;
}
