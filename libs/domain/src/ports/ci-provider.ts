import type { RepositoryRef } from '../repository-ref.js';

export interface CiRepository {
  readonly id: number;
  readonly defaultBranch: string;
  readonly private: boolean;
  readonly fork: boolean;
  readonly archived: boolean;
  readonly url: string | null;
}

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
  /** What the provider calls the job's check; opaque, null where it didn't say. */
  readonly checkId: string | null;
}

export interface CiStep {
  readonly number: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  /** To the second; null for a step that was not reached. */
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export interface CiRun {
  readonly id: number;
  readonly attempt: number;
  readonly workflowId: number;
  readonly workflowName: string | null;
  /** The workflow file in the repository: `.github/workflows/ci.yml`. */
  readonly workflowPath: string | null;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly headSha: string;
  readonly branch: string | null;
  /** `owner/name` of where the branch lives; another one than the run's repository is a fork. */
  readonly headRepository: string | null;
  /** Numbers of pull requests; empty for those from forks. */
  readonly pullRequests: readonly number[];
  readonly commitMessage: string | null;
  readonly commitAuthor: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly url: string | null;
}

export interface CiRunQuery {
  readonly workflowId?: number;
  readonly branch?: string;
  /** A status or a conclusion: `completed`, `in_progress`, `failure`, `success` … */
  readonly status?: string;
  readonly createdSince?: Date;
  /** This moment included. */
  readonly createdUntil?: Date;
  readonly headSha?: string;
  /** Default 100; GitHub lists 1,000 at most. */
  readonly limit?: number;
}

export interface CiChangedFile {
  readonly path: string;
  readonly status: string;
  /** Unified hunks; null for binary and very large files. */
  readonly patch: string | null;
  /** The name before a renaming. */
  readonly previousPath: string | null;
  readonly additions: number;
  readonly deletions: number;
}

export interface CiCommit {
  readonly sha: string;
  readonly message: string;
  /** Null for an author without an account. */
  readonly authorLogin: string | null;
  readonly committedAt: Date | null;
  readonly url: string | null;
}

export interface CiComparison {
  /** What `head` has and `base` has not, oldest first: the first 250. */
  readonly commits: readonly CiCommit[];
  readonly totalCommits: number;
  /** The first 300. */
  readonly files: readonly CiChangedFile[];
  readonly url: string | null;
}

export interface CiAnnotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string | null;
  readonly message: string;
}

export interface CiPullRequest {
  readonly number: number;
  readonly title: string;
  readonly state: 'open' | 'closed';
  readonly draft: boolean;
  readonly authorLogin: string | null;
  readonly headSha: string;
  readonly headBranch: string;
  /** `owner/name` of where the branch lives, null when it was deleted; another one than the repository is a fork. */
  readonly headRepository: string | null;
  readonly baseBranch: string;
  readonly baseSha: string;
  readonly mergedAt: Date | null;
  readonly mergeCommitSha: string | null;
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

export interface FindFilesOptions {
  /**
   * These files are not worth a call for each of a run's jobs: what was asked sparingly of a commit within the hour is
   * refused with `github_calls_spared`, unless it is known already. It needs a cache to be known; without one it is asked.
   */
  readonly sparingly?: boolean;
}

/** A job whose annotations are asked for. */
export type AnnotatedJob = Pick<CiJob, 'id' | 'checkId'>;

/** A job as the archive of its run's logs knows it. */
export type ArchivedJob = Pick<CiJob, 'id' | 'runId' | 'attempt' | 'name'>;

/**
 * The CI system, and what it knows of the repository. Texts that people wrote (files, patches, messages, titles) are
 * untrusted, and their secrets are masked; a raw log's are not yet.
 *
 * Errors are `ExternalFailure` with the codes `github_not_found`, `github_log_gone` (404 or 410 of a
 * log, never retryable), `github_log_refused` (the log's address leads where it must not, or its archive is none that is
 * unpacked: damaged, too large, a zip bomb), `github_unauthorized`, `github_forbidden`, `github_rejected` (any other 4xx), `github_rate_limited` (with retryAfterMs),
 * `github_unavailable` (5xx, connection; retryable).
 */
export abstract class CiProvider {
  abstract getRepository(repository: RepositoryRef): Promise<CiRepository>;
  abstract getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun>;
  /** The latest attempt of each run, newest first. */
  abstract listRuns(repository: RepositoryRef, query: CiRunQuery): Promise<CiRun[]>;
  /**
   * The newest run of a workflow on a branch that succeeded, else the newest one on any branch of the repository; null when
   * there is none among the latest.
   * @param beforeSha runs of this commit don't count: they are of what failed
   */
  abstract findLastSuccessfulRun(
    repository: RepositoryRef,
    workflowId: number,
    branch: string,
    beforeSha?: string,
  ): Promise<CiRun | null>;
  /** Jobs of one attempt, all pages. */
  abstract listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]>;
  abstract getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog>;
  /**
   * A job's log from the archive of its run's logs: where the job's own is gone. `github_log_gone` where there is no
   * archive, and where none of its logs is surely that job's.
   */
  abstract getArchivedLog(repository: RepositoryRef, job: ArchivedJob, signal?: AbortSignal): Promise<RawLog>;
  /**
   * What was reported of jobs of one attempt beside their logs, up to 50 a job, by the job's id. One call for all of them;
   * without a sign-in there is no such call, and only the first two jobs are asked of.
   */
  abstract listAnnotations(
    repository: RepositoryRef,
    jobs: readonly AnnotatedJob[],
  ): Promise<ReadonlyMap<number, readonly CiAnnotation[]>>;
  /**
   * Texts of files at a commit, by path, in the order asked for. What is no file there, no text of up to 256 KiB, or past a
   * megabyte of all of them, is left out. One call for all of them; without a sign-in there is no such call, and only the
   * first two are asked for.
   * @param paths from the repository's root, without a leading slash; up to 100
   */
  abstract findFiles(
    repository: RepositoryRef,
    paths: readonly string[],
    sha: string,
    options?: FindFilesOptions,
  ): Promise<ReadonlyMap<string, string>>;
  /** What a commit changed against its first parent: the first 300 files. */
  abstract listChangedFiles(repository: RepositoryRef, sha: string): Promise<CiChangedFile[]>;
  /** What came from `base` (a SHA or a branch) to `head`. */
  abstract compareCommits(repository: RepositoryRef, base: string, head: string): Promise<CiComparison>;
  /** Pull requests a commit is the head of, or was merged by; closed ones too. Payloads of webhooks often lack them. */
  abstract listPullRequests(repository: RepositoryRef, sha: string): Promise<CiPullRequest[]>;
}
