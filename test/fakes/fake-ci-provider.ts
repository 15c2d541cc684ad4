import { gzipSync } from 'node:zlib';
import {
  CiProvider,
  ExternalFailure,
  parseRepository,
  repositoryName,
  type CiJob,
  type CiRun,
  type RawLog,
  type RepositoryRef,
} from '@app/domain';
import { SEED_DEFAULTS, seedSteps, type JobSeed, type RunSeed } from '@app/github';

type Operation = 'getRun' | 'listJobs' | 'getJobLog';

/**
 * A CI system in memory. `addRun` tells it what exists, `calls` counts what was asked, `fail` makes the next calls
 * of an operation throw, and `beforeAnswer` runs (and is awaited) before every answer, so that a test can hold one.
 */
export class FakeCiProvider implements CiProvider {
  readonly calls: Record<Operation, number> = { getRun: 0, listJobs: 0, getJobLog: 0 };
  beforeAnswer: (operation: Operation) => void | Promise<void> = () => undefined;
  private readonly runs: RunSeed[] = [];
  private readonly failures = new Map<Operation, Error[]>();

  /** Adds an attempt of a run with its jobs and their logs. */
  addRun(run: RunSeed): void {
    this.runs.push(run);
  }

  /** The next `times` calls of the operation throw the error. */
  fail(operation: Operation, error: Error, times = 1): void {
    const queued = this.failures.get(operation) ?? [];
    this.failures.set(operation, [...queued, ...Array.from({ length: times }, () => error)]);
  }

  async getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    await this.answering('getRun');
    return toRun(this.find(repository, runId, attempt));
  }

  async listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]> {
    await this.answering('listJobs');
    const run = this.find(repository, runId, attempt);
    return (run.jobs ?? []).map((job) => toJob(run, job));
  }

  async getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    signal?.throwIfAborted();
    await this.answering('getJobLog');
    signal?.throwIfAborted();
    const job = this.runs
      .filter((run) => sameRepository(run, repository))
      .flatMap((run) => run.jobs ?? [])
      .find((seed) => seed.id === jobId);
    if (job?.log === undefined || job.log === null) {
      throw new ExternalFailure(`No log of job ${jobId} in ${repositoryName(repository)}.`, {
        code: 'github_log_gone',
        retryable: false,
      });
    }
    const bytes = await readAll(job.log);
    return { gzip: gzipSync(bytes), bytes: bytes.length, truncated: false, redactions: 0 };
  }

  private async answering(operation: Operation): Promise<void> {
    this.calls[operation] += 1;
    await this.beforeAnswer(operation);
    const failure = this.failures.get(operation)?.shift();
    if (failure) throw failure;
  }

  private find(repository: RepositoryRef, runId: number, attempt?: number): RunSeed {
    const attempts = this.runs
      .filter((run) => run.id === runId && sameRepository(run, repository))
      .toSorted((a, b) => (b.attempt ?? 1) - (a.attempt ?? 1));
    const found =
      attempt === undefined ? attempts[0] : attempts.find((run) => (run.attempt ?? 1) === attempt);
    if (!found) {
      throw new ExternalFailure(`No run ${runId} in ${repositoryName(repository)}.`, {
        code: 'github_not_found',
        retryable: false,
      });
    }
    return found;
  }
}

function sameRepository(run: RunSeed, repository: RepositoryRef): boolean {
  const seeded = parseRepository(run.repository, repository.host);
  return repositoryName(seeded).toLowerCase() === repositoryName(repository).toLowerCase();
}

async function readAll(log: NonNullable<JobSeed['log']>): Promise<Uint8Array> {
  if (typeof log === 'string') return Buffer.from(log);
  if (log instanceof Uint8Array) return log;
  const chunks: Uint8Array[] = [];
  for await (const chunk of log()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function toRun(seed: RunSeed): CiRun {
  return {
    id: seed.id,
    attempt: seed.attempt ?? 1,
    workflowId: seed.workflowId ?? SEED_DEFAULTS.workflowId,
    workflowName: seed.workflowName ?? SEED_DEFAULTS.workflowName,
    event: seed.event ?? SEED_DEFAULTS.event,
    status: seed.status ?? 'completed',
    conclusion: seed.conclusion === undefined ? 'failure' : seed.conclusion,
    headSha: seed.headSha ?? SEED_DEFAULTS.headSha,
    branch: seed.branch ?? SEED_DEFAULTS.branch,
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
    steps: seedSteps(job).map(({ number, name, conclusion }) => ({ number, name, conclusion })),
  };
}
