import type { LlmOperation } from '@app/config';
import type {
  Answer,
  CacheOutcome,
  CallOptions,
  ChatQuestion,
  Classification,
  FailureContext,
  LanguageModel,
  RootCauseAnalysis,
  Solution,
} from '@app/domain';
import type { TokenUsage } from './prices.js';

/** The operations as the usage ledger and log events name them. */
export type Operation = LlmOperation;

/** Those of a diagnosis, in their order. */
export const DIAGNOSIS_OPERATIONS = ['classify', 'root_cause', 'solution', 'validate'] as const;

/** What an operation is asked about. */
export type ModelInput =
  | { readonly operation: 'classify'; readonly context: FailureContext }
  | {
      readonly operation: 'root_cause';
      readonly context: FailureContext;
      readonly classification: Classification;
    }
  | {
      readonly operation: 'solution';
      readonly context: FailureContext;
      readonly rootCause: RootCauseAnalysis;
    }
  | {
      readonly operation: 'validate';
      readonly context: FailureContext;
      readonly rootCause: RootCauseAnalysis;
      readonly solution: Solution;
    }
  | { readonly operation: 'chat'; readonly question: ChatQuestion };

/** One call as a decorator sees it: what is asked, and how to ask it of any model. */
export interface ModelCall<T> {
  readonly input: ModelInput;
  readonly options: AttemptOptions;
  ask(model: LanguageModel, options: AttemptOptions): Promise<Answer<T>>;
}

export function projectOf(input: ModelInput): string {
  return input.operation === 'chat' ? input.question.projectId : input.context.projectId;
}

/** Who answers: provider (the preset: `openai`, `nvidia` …) and model. */
export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

/** An answer that could not be used, and what was wrong with it: shown to the model when it is asked once more. */
export interface Correction {
  readonly answer: string;
  readonly problem: string;
}

/** What a decorator tells the ones below it. */
export interface AttemptOptions extends CallOptions {
  /** 1 for the first try. */
  readonly attempt?: number;
  /** Which version of the operation's prompt is used; the release's own choice without it. */
  readonly promptVersion?: string;
  readonly correction?: Correction;
  /** Nothing may leave our own network: providers outside it are passed over. */
  readonly insideOnly?: boolean;
  /** What our cache said before the call. */
  readonly cache?: CacheOutcome;
  /** Told of every try's tokens and cost; null: the provider may have counted something nobody told us of. */
  readonly onSpent?: (spent: (TokenUsage & { readonly costUsd: number }) | null) => void;
}
