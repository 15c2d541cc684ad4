import { commitOf, type CommitSeed, type CommitState } from './commit-state.js';
import { SEED_DEFAULTS, type JobSeed, type RunSeed } from './run-seed.js';

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

/** What a list of runs is asked for; everything left out passes. */
export interface RunFilter {
  readonly workflowId?: number;
  readonly branch?: string;
  readonly event?: string;
  readonly headSha?: string;
  /** A status or a conclusion. */
  readonly status?: string;
  readonly createdSince?: Date;
  readonly createdUntil?: Date;
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

  /** The latest attempt of each run that passes, newest first. */
  listRuns(filter: RunFilter): RunSeed[] {
    return [...new Set(this.runs.map(({ id }) => id))]
      .map((id) => this.findRun(id)!)
      .filter((run) => passes(run, filter))
      .toSorted((a, b) => createdAt(b).getTime() - createdAt(a).getTime() || b.id - a.id);
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

  /** What `head` has and `base` has not, oldest first. */
  commitsBetween(base: CommitState, head: CommitState): CommitState[] {
    const known = this.ancestorsOf(base.sha);
    const ahead = [...this.ancestorsOf(head.sha).values()].filter(({ sha }) => !known.has(sha));
    return ahead.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  }

  /** The commit itself and everything before it, by SHA. */
  private ancestorsOf(sha: string): Map<string, CommitState> {
    const found = new Map<string, CommitState>();
    const open = [sha];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const commit = found.has(next) ? undefined : this.commits.get(next);
      if (!commit) continue;
      found.set(next, commit);
      open.push(...commit.parents);
    }
    return found;
  }
}

function passes(run: RunSeed, filter: RunFilter): boolean {
  const conclusion = run.conclusion === undefined ? 'failure' : run.conclusion;
  const { status, createdSince, createdUntil } = filter;
  return (
    is(filter.workflowId, run.workflowId ?? SEED_DEFAULTS.workflowId) &&
    is(filter.branch, run.branch ?? SEED_DEFAULTS.branch) &&
    is(filter.event, run.event ?? SEED_DEFAULTS.event) &&
    is(filter.headSha, run.headSha ?? SEED_DEFAULTS.headSha) &&
    (status === undefined || [run.status ?? 'completed', conclusion].includes(status)) &&
    (createdSince === undefined || createdAt(run) >= createdSince) &&
    (createdUntil === undefined || createdAt(run) <= createdUntil)
  );
}

function is<T>(asked: T | undefined, actual: T): boolean {
  return asked === undefined || asked === actual;
}

function createdAt(run: RunSeed): Date {
  return run.createdAt ?? run.completedAt ?? SEED_DEFAULTS.at;
}
