import type { Determinism, FailureCategory, Severity } from './failure-taxonomy.js';
import type { Evidence, Finding } from './evidence.js';
import type { RuleVerdict } from './failure-context.js';
import type { IncidentStatus } from './incident-status.js';
import type { RepositoryRef } from './repository-ref.js';
import type { Proof } from './run-facts.js';

export type IncidentSource = 'github' | 'manual';

/** One failed job of one attempt of a run, as a webhook, a job listing or a person reported it. */
export interface FailedJob {
  readonly source: IncidentSource;
  readonly repository: RepositoryRef;
  /** GitHub's run id; for logs handed in by hand a number the caller makes, unique in the repository. */
  readonly runId: number;
  /** Empty for a run that failed without a job (an invalid workflow file, say). */
  readonly jobName: string;
  /** 1 for the first attempt of the run. */
  readonly attempt: number;
  /** GitHub's id of the job in this attempt. */
  readonly jobId: number | null;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly conclusion: string;
  readonly headSha: string | null;
  readonly branch: string | null;
  readonly pullRequests: readonly number[];
  /** The step that the provider reports as failed, when it does. */
  readonly failedStep: string | null;
  readonly failedAt: Date;
  readonly url: string | null;
  /** The product's own branch or commit; left out: no. */
  readonly ownWork?: boolean;
}

/** Identity of an incident: (project, run id, job name). */
export interface Incident {
  readonly id: string;
  readonly projectId: string;
  readonly repository: RepositoryRef;
  readonly source: IncidentSource;
  readonly runId: number;
  readonly jobName: string;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly headSha: string | null;
  readonly branch: string | null;
  readonly pullRequests: readonly number[];
  readonly url: string | null;
  /** It failed on the product's own branch or commit: it is diagnosed, and never remediated. */
  readonly ownWork: boolean;
  readonly status: IncidentStatus;
  /** Why the diagnosis failed or the incident was ignored, for people. */
  readonly statusReason: string | null;
  /** What proved the repair; null while it is open, and for one that was resolved by hand. */
  readonly verifiedBy: Proof | null;
  /** The highest failed attempt seen, and its job. */
  readonly latestAttempt: number;
  readonly latestJobId: number | null;
  readonly failedStep: string | null;
  /** How many attempts failed. */
  readonly occurrences: number;
  readonly category: FailureCategory | null;
  readonly subcategory: string | null;
  readonly severity: Severity | null;
  readonly determinism: Determinism | null;
  readonly confidence: number | null;
  readonly fingerprint: string | null;
  readonly patternId: string | null;
  readonly diagnosisId: string | null;
  readonly openedAt: Date;
  readonly lastFailedAt: Date;
  readonly updatedAt: Date;
}

/** One failed attempt of an incident's job. */
export interface Occurrence {
  readonly incidentId: string;
  readonly attempt: number;
  readonly jobId: number | null;
  readonly failedAt: Date;
  readonly fingerprint: string | null;
}

/** An entry of an incident's timeline. */
export interface IncidentEvent {
  readonly id: number;
  readonly incidentId: string;
  readonly at: Date;
  /** `opened`, `occurred_again`, `moved`, `step`, `note` … */
  readonly kind: string;
  readonly from: IncidentStatus | null;
  readonly to: IncidentStatus | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What log analysis read out of one redacted log; plain JSON. Line numbers are physical lines of that log. */
export interface LogReport {
  readonly format: string;
  readonly lines: number;
  /** Bytes of the log as it came. */
  readonly bytes: number;
  readonly redactions: number;
  readonly failedStep: string | null;
  readonly primary: { readonly line: number; readonly text: string } | null;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  readonly excerpt: string;
  readonly signature: string;
  readonly fingerprint: string;
  readonly verdict: RuleVerdict;
  /** Milliseconds the analysis took. */
  readonly ms: number;
}

/** A log that the product keeps: redacted, compressed, bounded. */
export interface ArchivedLog {
  readonly incidentId: string;
  readonly attempt: number;
  /** Gzip of the redacted log; physical line structure kept. */
  readonly gzip: Uint8Array;
  readonly lines: number;
  /** Characters of the redacted log before compression. */
  readonly chars: number;
  /** True when the log was longer than what is kept: its head and tail, with a marker line between. */
  readonly truncated: boolean;
  readonly report: LogReport;
}

/** The incident's failure as one fingerprint of a project. */
export interface FailurePattern {
  readonly id: string;
  readonly projectId: string;
  readonly fingerprint: string;
  readonly signature: string;
  readonly category: FailureCategory;
  readonly occurrences: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly diagnosisId: string | null;
  /** Since when it is counted and nothing else: not diagnosed, not told of. */
  readonly mutedAt: Date | null;
}
