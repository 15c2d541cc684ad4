import type { RepositoryRef } from './repository-ref.js';

/** The conclusion that proves a repair. `neutral` and `skipped` jobs are green too, and prove nothing: they didn't run. */
export const PASSED = 'success';

/**
 * An attempt of a run as an event or the CI system tells it. Deliveries come late, twice and out of order, so they are
 * kept as facts, and what an incident is follows from the facts and not from their order.
 */
export interface RunReport {
  readonly repository: RepositoryRef;
  readonly runId: number;
  readonly attempt: number;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  /** What started the run: `push`, `pull_request` … */
  readonly trigger: string | null;
  readonly headSha: string | null;
  readonly branch: string | null;
  /** `owner/name` of the repository that holds the commit, a fork's for a pull request from one; null: not told. */
  readonly headRepository: string | null;
  readonly pullRequests: readonly number[];
  /** The product's own branch or commit. */
  readonly ownWork: boolean;
  /** Null while the attempt goes on. */
  readonly conclusion: string | null;
  readonly endedAt: Date | null;
}

/** How a job ended in one attempt of its run. */
export interface JobReport {
  readonly repository: RepositoryRef;
  readonly runId: number;
  readonly attempt: number;
  readonly jobName: string;
  readonly jobId: number | null;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly headSha: string | null;
  readonly branch: string | null;
  readonly conclusion: string;
  readonly endedAt: Date;
  readonly url: string | null;
}

/** A pull request as an event tells it. */
export interface PullReport {
  readonly repository: RepositoryRef;
  readonly number: number;
  readonly headSha: string;
  readonly branch: string;
  readonly state: 'open' | 'closed';
  readonly mergedAt: Date | null;
  readonly mergeSha: string | null;
  readonly url: string | null;
  /** When the pull request last changed: of two reports the later one holds. */
  readonly changedAt: Date;
}

/** Which pull requests a commit is the head of, as a check run tells it. */
export interface HeadReport {
  readonly repository: RepositoryRef;
  readonly headSha: string;
  readonly pullRequests: readonly number[];
}

/** Repositories that a GitHub App was given or lost. */
export interface InstallationReport {
  readonly installationId: number;
  readonly connected: readonly RepositoryRef[];
  readonly disconnected: readonly RepositoryRef[];
  /** The installation as a whole, its repositories unnamed: it was deleted or suspended (false), or is back (true). */
  readonly wholeIsConnected: boolean | null;
}

/** The passing job that proved a repair: the same job of the same workflow on the same branch, later than the failure. */
export interface Proof {
  readonly runId: number;
  readonly attempt: number;
  /** Null for an incident of the run itself, which the run proves. */
  readonly jobId: number | null;
  readonly passedAt: Date;
  readonly url: string | null;
}

/** What is known of a job's failure when its repair is looked for. */
export interface ProvableFailure {
  readonly runId: number;
  readonly latestAttempt: number;
  readonly lastFailedAt: Date;
  /** When a person reopened it last; null: never. */
  readonly reopenedAt: Date | null;
  readonly branch: string | null;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly headRepository: string | null;
}

/** A passing job or run, with what is known of its run. */
export interface PassedAttempt {
  readonly runId: number;
  readonly attempt: number;
  readonly passedAt: Date;
  readonly branch: string | null;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly headRepository: string | null;
}

/**
 * Whether an attempt is later than a failure and of the same line of work, as far as both are known: a later attempt of
 * the run itself, or a run that was started later (GitHub's run ids rise) and ended after the failure. A run of another
 * repository's branch of the same name — a fork's — is none. What passed before a person reopened it is none either.
 */
export function mayProve(failure: ProvableFailure, passed: PassedAttempt): boolean {
  if (failure.reopenedAt !== null && passed.passedAt <= failure.reopenedAt) return false;
  if (passed.runId === failure.runId) return passed.attempt > failure.latestAttempt;
  return (
    passed.runId > failure.runId &&
    passed.passedAt > failure.lastFailedAt &&
    failure.branch !== null &&
    passed.branch === failure.branch &&
    isSameWorkflow(failure, passed) &&
    (failure.headRepository === null ||
      passed.headRepository === null ||
      failure.headRepository === passed.headRepository)
  );
}

/** Whether both come from the same repository for certain; what an attempt of the run itself does. */
export function isOriginKnown(failure: ProvableFailure, passed: PassedAttempt): boolean {
  return (
    passed.runId === failure.runId || (failure.headRepository !== null && passed.headRepository !== null)
  );
}

/** By name where both are named, as job events name them; otherwise by GitHub's id. */
export function isSameWorkflow(
  a: { workflowId: number | null; workflowName: string | null },
  b: { workflowId: number | null; workflowName: string | null },
): boolean {
  if (a.workflowName !== null && b.workflowName !== null) return a.workflowName === b.workflowName;
  return a.workflowId !== null && a.workflowId === b.workflowId;
}
