import type { CodeEdit } from '../code-edit.js';
import { OWN_BRANCH_PREFIX } from '../own-work.js';
import type { RepositoryRef } from '../repository-ref.js';

/** What the product can do to a repository. Nothing else is ever written there. */
export const ACTION_KINDS = [
  'rerun_failed_jobs',
  'rerun_job',
  'cancel_run',
  'comment',
  'check_run',
  'issue',
  'fix_pull_request',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** Kinds that mend something, so that their outcome has to be verified; the others only tell people. */
export const REMEDIES = [
  'rerun_failed_jobs',
  'rerun_job',
  'fix_pull_request',
] as const satisfies readonly ActionKind[];

export function isRemedy(kind: ActionKind): boolean {
  return (REMEDIES as readonly ActionKind[]).includes(kind);
}

/** A remark at lines of a file. */
export interface Annotation {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  /** 1-based, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

/** Runs every failed job of an attempt again. */
export interface RerunFailedJobs {
  readonly kind: 'rerun_failed_jobs';
  readonly runId: number;
  /** The attempt that failed. The rerun makes the next one. */
  readonly attempt: number;
}

export interface RerunJob {
  readonly kind: 'rerun_job';
  readonly runId: number;
  readonly attempt: number;
  readonly jobId: number;
  readonly jobName: string;
}

export interface CancelRun {
  readonly kind: 'cancel_run';
  readonly runId: number;
  readonly attempt: number;
}

/** The one comment of a pull request, which later ones replace. Markdown. */
export interface StickyComment {
  readonly kind: 'comment';
  readonly pullRequest: number;
  readonly body: string;
}

export interface CheckRun {
  readonly kind: 'check_run';
  readonly headSha: string;
  readonly name: string;
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
}

export interface Issue {
  readonly kind: 'issue';
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/** A draft pull request that makes exact edits on a branch of its own. */
export interface FixPullRequest {
  readonly kind: 'fix_pull_request';
  /** The branch that it is to be merged into. */
  readonly base: string;
  /** The commit that the edits were made for. */
  readonly baseSha: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly commitMessage: string;
  readonly edits: readonly CodeEdit[];
}

export type Action =
  RerunFailedJobs | RerunJob | CancelRun | StickyComment | CheckRun | Issue | FixPullRequest;

/** One action at one place, with the name under which its effect is found again. */
export interface ActionOrder {
  readonly repository: RepositoryRef;
  readonly action: Action;
  /** 32 hex characters that nobody outside can guess: written into what the action makes, and looked for there. */
  readonly marker: string;
  /** What an earlier perform of this order answered; null when none did, or none that is known. */
  readonly remoteId: string | null;
}

/** The branch of a fix: the same for the same marker, so that a successor finds it. */
export function fixBranch(marker: string): string {
  return `${OWN_BRANCH_PREFIX}fix-${marker.slice(0, 16)}`;
}
