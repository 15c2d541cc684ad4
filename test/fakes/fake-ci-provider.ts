import { gzipSync } from 'node:zlib';
import {
  CiProvider,
  ExternalFailure,
  repositoryName,
  type AnnotatedJob,
  type ArchivedJob,
  type CiAnnotation,
  type CiChangedFile,
  type CiComparison,
  type CiJob,
  type CiPullRequest,
  type CiRepository,
  type CiRun,
  type CiRunQuery,
  type RawLog,
  type RepositoryRef,
} from '@app/domain';
import {
  changesBetween,
  RepositoryState,
  SEED_DEFAULTS,
  seedSteps,
  type AnnotationSeed,
  type CommitState,
  type JobSeed,
  type PullRequestSeed,
  type RunSeed,
} from '@app/github';
import { redactText } from '@app/log-analysis';

const OPERATIONS = [
  'getRepository',
  'getRun',
  'listRuns',
  'findLastSuccessfulRun',
  'listJobs',
  'getJobLog',
  'getArchivedLog',
  'listAnnotations',
  'findFiles',
  'listChangedFiles',
  'compareCommits',
  'listPullRequests',
] as const;
type Operation = (typeof OPERATIONS)[number];

/**
 * A CI system in memory. `addRun` and `repository` tell it what exists, `calls` counts what was asked, `fail` makes the
 * next calls of an operation throw, and `beforeAnswer` runs (and is awaited) before every answer, so that a test can
 * hold one.
 */
export class FakeCiProvider implements CiProvider {
  readonly calls = Object.fromEntries(OPERATIONS.map((name) => [name, 0])) as Record<Operation, number>;
  beforeAnswer: (operation: Operation) => void | Promise<void> = () => undefined;
  private readonly repositories = new Map<string, RepositoryState>();
  private readonly failures = new Map<Operation, Error[]>();

  /** The repository to fill; made when it is new. @param fullName `owner/name`, preceded by a host that is not github.com */
  repository(fullName: string): RepositoryState {
    const known = this.repositories.get(fullName.toLowerCase());
    if (known) return known;
    const made = new RepositoryState(fullName, 1 + this.repositories.size);
    this.repositories.set(fullName.toLowerCase(), made);
    return made;
  }

  /** Adds an attempt of a run with its jobs and their logs. */
  addRun(run: RunSeed): void {
    this.repository(run.repository).addRun(run);
  }

  /** The next `times` calls of the operation throw the error. */
  fail(operation: Operation, error: Error, times = 1): void {
    const queued = this.failures.get(operation) ?? [];
    this.failures.set(operation, [...queued, ...Array.from({ length: times }, () => error)]);
  }

  async getRepository(repository: RepositoryRef): Promise<CiRepository> {
    await this.answering('getRepository');
    const { id, defaultBranch, fork, archived, fullName, private: isPrivate } = this.get(repository);
    return { id, defaultBranch, private: isPrivate, fork, archived, url: `https://github.com/${fullName}` };
  }

  async getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    await this.answering('getRun');
    return toRun(this.getRunSeed(repository, runId, attempt));
  }

  async listRuns(repository: RepositoryRef, query: CiRunQuery): Promise<CiRun[]> {
    await this.answering('listRuns');
    const runs = this.get(repository).listRuns(query);
    return runs.slice(0, query.limit ?? 100).map(toRun);
  }

  async findLastSuccessfulRun(
    repository: RepositoryRef,
    workflowId: number,
    branch: string,
    beforeSha?: string,
  ): Promise<CiRun | null> {
    await this.answering('findLastSuccessfulRun');
    const { fullName } = this.get(repository);
    const runs = this.get(repository).listRuns({ workflowId, status: 'success' }).map(toRun);
    const own = runs.filter((run) => run.headSha !== beforeSha && run.headRepository === fullName);
    return own.find((run) => run.branch === branch) ?? own[0] ?? null;
  }

  async listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]> {
    await this.answering('listJobs');
    const run = this.getRunSeed(repository, runId, attempt);
    return (run.jobs ?? []).map((job) => toJob(run, job));
  }

  async getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    signal?.throwIfAborted();
    await this.answering('getJobLog');
    signal?.throwIfAborted();
    const job = this.find(repository)?.findJob(jobId)?.job;
    if (job?.log === undefined || job.log === null) {
      throw new ExternalFailure(`No log of job ${jobId} in ${repositoryName(repository)}.`, {
        code: 'github_log_gone',
        retryable: false,
      });
    }
    return rawLog(await readAll(job.log));
  }

  async getArchivedLog(
    repository: RepositoryRef,
    { runId, attempt, name }: ArchivedJob,
    signal?: AbortSignal,
  ): Promise<RawLog> {
    signal?.throwIfAborted();
    await this.answering('getArchivedLog');
    signal?.throwIfAborted();
    const jobs = this.find(repository)?.findRun(runId, attempt)?.jobs ?? [];
    const ofName = jobs.filter((job) => job.name === name);
    const log = ofName.length === 1 ? (ofName[0]!.archivedLog ?? ofName[0]!.log) : null;
    if (log == null) {
      const message = `No archived log of the job ${name} in ${repositoryName(repository)}.`;
      throw new ExternalFailure(message, { code: 'github_log_gone', retryable: false });
    }
    return rawLog(await readAll(log));
  }

  async listAnnotations(
    repository: RepositoryRef,
    jobs: readonly AnnotatedJob[],
  ): Promise<ReadonlyMap<number, readonly CiAnnotation[]>> {
    await this.answering('listAnnotations');
    const known = this.get(repository);
    return new Map(
      jobs.flatMap(({ id }) => {
        const job = known.findJob(id)?.job;
        return job ? [[id, (job.annotations ?? []).slice(0, 50).map(toAnnotation)] as const] : [];
      }),
    );
  }

  async findFiles(
    repository: RepositoryRef,
    paths: readonly string[],
    sha: string,
  ): Promise<ReadonlyMap<string, string>> {
    await this.answering('findFiles');
    const files = this.find(repository)?.findCommit(sha)?.files;
    return new Map(
      paths.flatMap((path) => {
        const content = files?.get(path);
        if (content === undefined || content.length > 262_144 || content.includes(0)) return [];
        const text = Buffer.from(content).toString();
        return Buffer.from(text).equals(content) ? [[path, masked(text)] as const] : [];
      }),
    );
  }

  async listChangedFiles(repository: RepositoryRef, sha: string): Promise<CiChangedFile[]> {
    await this.answering('listChangedFiles');
    const known = this.get(repository);
    const commit = known.findCommit(sha);
    if (!commit) throw rejected(`commit ${sha}`, repository);
    const parent = known.commits.get(commit.parents[0] ?? '');
    return toChangedFiles(parent?.files ?? new Map(), commit);
  }

  async compareCommits(repository: RepositoryRef, base: string, head: string): Promise<CiComparison> {
    await this.answering('compareCommits');
    const known = this.get(repository);
    const [from, to] = [known.findCommit(base), known.findCommit(head)];
    if (!from || !to) throw notFound(`comparison of ${base} and ${head}`, repository);
    const commits = known.commitsBetween(from, to);
    return {
      commits: commits.slice(0, 250).map(({ sha, message, author, at }) => ({
        sha,
        message: masked(message),
        authorLogin: author,
        committedAt: at,
        url: `https://github.com/${known.fullName}/commit/${sha}`,
      })),
      totalCommits: commits.length,
      files: toChangedFiles(from.files, to),
      url: `https://github.com/${known.fullName}/compare/${base}...${head}`,
    };
  }

  async listPullRequests(repository: RepositoryRef, sha: string): Promise<CiPullRequest[]> {
    await this.answering('listPullRequests');
    const known = this.get(repository);
    return [...known.pulls.values()]
      .filter((pull) => [pull.headSha, pull.mergeCommitSha].includes(sha))
      .map((pull) => toPullRequest(known, pull));
  }

  private async answering(operation: Operation): Promise<void> {
    this.calls[operation] += 1;
    await this.beforeAnswer(operation);
    const failure = this.failures.get(operation)?.shift();
    if (failure) throw failure;
  }

  private find(repository: RepositoryRef): RepositoryState | undefined {
    return this.repositories.get(repositoryName(repository).toLowerCase());
  }

  private get(repository: RepositoryRef): RepositoryState {
    const found = this.find(repository);
    if (!found) throw notFound('repository', repository);
    return found;
  }

  private getRunSeed(repository: RepositoryRef, runId: number, attempt?: number): RunSeed {
    const found = this.get(repository).findRun(runId, attempt);
    if (!found) throw notFound(`run ${runId}`, repository);
    return found;
  }
}

function notFound(what: string, repository: RepositoryRef): ExternalFailure {
  const message = `No ${what} in ${repositoryName(repository)}.`;
  return new ExternalFailure(message, { code: 'github_not_found', retryable: false });
}

function rejected(what: string, repository: RepositoryRef): ExternalFailure {
  const message = `No ${what} in ${repositoryName(repository)}.`;
  return new ExternalFailure(message, { code: 'github_rejected', retryable: false });
}

function rawLog(bytes: Uint8Array): RawLog {
  return { gzip: gzipSync(bytes), bytes: bytes.length, truncated: false, redactions: 0 };
}

async function readAll(log: NonNullable<JobSeed['log']>): Promise<Uint8Array> {
  if (typeof log === 'string') return Buffer.from(log);
  if (log instanceof Uint8Array) return log;
  const chunks: Uint8Array[] = [];
  for await (const chunk of log()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function masked(text: string): string {
  return redactText(text).text;
}

function toRun(seed: RunSeed): CiRun {
  const updatedAt = seed.completedAt ?? SEED_DEFAULTS.at;
  return {
    id: seed.id,
    attempt: seed.attempt ?? 1,
    workflowId: seed.workflowId ?? SEED_DEFAULTS.workflowId,
    workflowName: seed.workflowName ?? SEED_DEFAULTS.workflowName,
    workflowPath: seed.workflowPath ?? SEED_DEFAULTS.workflowPath,
    event: seed.event ?? SEED_DEFAULTS.event,
    status: seed.status ?? 'completed',
    conclusion: seed.conclusion === undefined ? 'failure' : seed.conclusion,
    headSha: seed.headSha ?? SEED_DEFAULTS.headSha,
    branch: seed.branch ?? SEED_DEFAULTS.branch,
    headRepository: seed.headRepository === undefined ? seed.repository : seed.headRepository,
    pullRequests: seed.pullRequests ?? [],
    commitMessage: seed.commitMessage ?? 'Change of the build',
    commitAuthor: 'Mona Lisa',
    createdAt: seed.createdAt ?? updatedAt,
    updatedAt,
    url: `https://github.com/${seed.repository}/actions/runs/${seed.id}`,
  };
}

function toJob(run: RunSeed, job: JobSeed): CiJob {
  return {
    id: job.id,
    runId: run.id,
    attempt: run.attempt ?? 1,
    name: job.name,
    status: job.status ?? 'completed',
    conclusion: job.conclusion === undefined ? 'failure' : job.conclusion,
    startedAt: job.startedAt ?? SEED_DEFAULTS.at,
    completedAt: job.completedAt ?? SEED_DEFAULTS.at,
    url: `https://github.com/${run.repository}/actions/runs/${run.id}/job/${job.id}`,
    steps: seedSteps(job),
    checkId: `CR_${job.id}`,
  };
}

function toAnnotation(annotation: AnnotationSeed): CiAnnotation {
  return {
    path: annotation.path,
    startLine: annotation.start_line,
    endLine: annotation.end_line ?? annotation.start_line,
    level: annotation.annotation_level ?? 'failure',
    title: annotation.title === undefined ? null : annotation.title && masked(annotation.title),
    message: masked(annotation.message),
  };
}

function toChangedFiles(before: CommitState['files'], after: CommitState): CiChangedFile[] {
  return changesBetween(before, after.files, after.renamed).map((file) => ({
    path: file.filename,
    status: file.status,
    patch: file.patch === undefined ? null : masked(file.patch),
    previousPath: file.previous_filename ?? null,
    additions: file.additions,
    deletions: file.deletions,
  }));
}

function toPullRequest(repository: RepositoryState, pull: PullRequestSeed): CiPullRequest {
  return {
    number: pull.number,
    title: masked(pull.title ?? `Change ${pull.number}`),
    state: pull.state ?? (pull.mergedAt ? 'closed' : 'open'),
    draft: pull.draft ?? false,
    authorLogin: pull.author ?? 'mona',
    headSha: pull.headSha,
    headBranch: pull.headRef ?? 'topic',
    headRepository: pull.headRepository ?? repository.fullName,
    baseBranch: pull.baseRef ?? repository.defaultBranch,
    baseSha: pull.baseSha ?? '0'.repeat(40),
    mergedAt: pull.mergedAt ?? null,
    mergeCommitSha: pull.mergeCommitSha ?? null,
    url: `https://github.com/${repository.fullName}/pull/${pull.number}`,
  };
}
