import type { Evidence, Finding } from './evidence.js';
import type { Attribution, Determinism, FailureCategory, Fixability } from './failure-taxonomy.js';

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
  /** Passages of the project's runbooks that fit the failure, the nearest first. */
  readonly runbooks: readonly RunbookPassage[];
  /** Files of the failing commit, whole: its workflow and what it changed. Only what stands here can be edited. */
  readonly files: readonly RepositoryFile[];
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
  readonly projectId: string;
  /** Cosine similarity, 0 to 1. */
  readonly score: number;
  readonly category: FailureCategory | null;
  readonly rootCause: string | null;
  readonly solution: string | null;
  readonly resolved: boolean;
  /** Resolved, and its workflow and job were seen to pass again. */
  readonly verified: boolean;
}

export interface RunbookPassage {
  readonly title: string;
  readonly text: string;
}

export interface RepositoryFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly role: 'workflow' | 'changed';
  /** The whole file at the failing commit. */
  readonly text: string;
}
