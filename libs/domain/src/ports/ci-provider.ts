import type { RepositoryRef } from '../repository-ref.js';

export interface CiJob {
  readonly id: number;
  readonly runId: number;
  readonly attempt: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly url: string | null;
  readonly steps: readonly CiStep[];
}

export interface CiStep {
  readonly number: number;
  readonly name: string;
  readonly conclusion: string | null;
}

export interface CiRun {
  readonly id: number;
  readonly attempt: number;
  readonly workflowId: number;
  readonly workflowName: string | null;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly headSha: string;
  readonly branch: string | null;
  readonly url: string | null;
}

/** A job's log as the provider gave it: untrusted and not yet redacted. */
export interface RawLog {
  /** Gzip of the log's bytes. */
  readonly gzip: Uint8Array;
  /** Bytes before compression. */
  readonly bytes: number;
  /** True when the log was longer than the cap; the head and the tail are kept then, with a marker line between. */
  readonly truncated: boolean;
  /** Secrets that were masked on the way here; 0 for a log as the CI system gave it. */
  readonly redactions: number;
}

/**
 * The CI system. Errors are `ExternalFailure` with the codes `github_not_found`, `github_log_gone` (404 or 410 of a
 * log, never retryable), `github_log_refused` (the log's address leads where it must not), `github_unauthorized`,
 * `github_forbidden`, `github_rejected` (any other 4xx), `github_rate_limited` (with retryAfterMs),
 * `github_unavailable` (5xx, connection; retryable).
 */
export abstract class CiProvider {
  abstract getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun>;
  /** Jobs of one attempt, all pages. */
  abstract listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]>;
  abstract getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog>;
}
