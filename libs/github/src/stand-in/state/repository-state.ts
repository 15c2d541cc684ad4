import { commitOf, type CommitSeed, type CommitState } from './commit-state.js';
import type { JobSeed, RunSeed } from './run-seed.js';

export interface PullRequestSeed {
  readonly number: number;
  readonly title?: string;
  readonly author?: string;
  readonly state?: 'open' | 'closed';
  readonly draft?: boolean;
  readonly headSha: string;
  readonly headRef?: string;
  /** `owner/name` the branch lives in; another one than the repository's is a fork. */
  readonly headRepository?: string;
  readonly baseRef?: string;
  readonly baseSha?: string;
  readonly mergedAt?: Date | null;
  readonly mergeCommitSha?: string | null;
}

/** One repository as the stand-in knows it: what the endpoints read and write. */
export class RepositoryState {
  readonly id: number;
  defaultBranch = 'main';
  private = false;
  fork = false;
  archived = false;
  /** Attempts of runs, in the order they were added. */
  readonly runs: RunSeed[] = [];
  readonly commits = new Map<string, CommitState>();
  /** Full names (`refs/heads/main`) → SHA. */
  readonly refs = new Map<string, string>();
  readonly pulls = new Map<number, PullRequestSeed>();

  constructor(
    readonly fullName: string,
    id: number,
  ) {
    this.id = id;
  }

  get owner(): string {
    return this.fullName.split('/')[0]!;
  }

  get name(): string {
    return this.fullName.split('/')[1]!;
  }

  /** Adds an attempt of a run, or replaces it. */
  addRun(run: RunSeed): void {
    const known = this.runs.findIndex(
      (other) => other.id === run.id && (other.attempt ?? 1) === (run.attempt ?? 1),
    );
    if (known >= 0) this.runs[known] = run;
    else this.runs.push(run);
  }

  /** The attempt asked for, else the latest. */
  findRun(id: number, attempt?: number): RunSeed | undefined {
    return this.runs
      .filter((run) => run.id === id && (attempt === undefined || (run.attempt ?? 1) === attempt))
      .toSorted((a, b) => (b.attempt ?? 1) - (a.attempt ?? 1))[0];
  }

  findJob(id: number): { run: RunSeed; job: JobSeed } | undefined {
    for (const run of this.runs) {
      const job = run.jobs?.find((one) => one.id === id);
      if (job) return { run, job };
    }
    return undefined;
  }

  /** Adds a commit; `branch` is moved to it. @returns its SHA */
  addCommit(seed: CommitSeed, branch?: string): string {
    const commit = commitOf(seed);
    this.commits.set(commit.sha, commit);
    if (branch !== undefined) this.refs.set(`refs/heads/${branch}`, commit.sha);
    return commit.sha;
  }

  /** A commit by SHA, branch, tag or full name of a ref; the default branch's for an empty name. */
  findCommit(ref: string): CommitState | undefined {
    const name = ref === '' ? this.defaultBranch : ref;
    const sha =
      this.refs.get(name) ?? this.refs.get(`refs/heads/${name}`) ?? this.refs.get(`refs/tags/${name}`);
    return this.commits.get(sha ?? name);
  }
}
