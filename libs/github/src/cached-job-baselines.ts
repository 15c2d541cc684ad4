import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { hashOf, repositoryScope } from '@app/cache';
import {
  Cache,
  CiProvider,
  JobBaselines,
  Log,
  type CiJob,
  type ComparedJob,
  type LogBaseline,
  type ScopedCacheKey,
} from '@app/domain';
import { BASELINE_VERSION, buildBaseline } from '@app/log-analysis';

/** What a job prints when it is green changes slowly; each renewal costs a log. */
const DIGEST_TTL_MS = 24 * 3_600_000;
/** After a failure, or where there is no green run. */
const NONE_TTL_MS = 3_600_000;

/** Digests of the logs of green runs, each made from one log and kept for a day. */
export class CachedJobBaselines implements JobBaselines {
  constructor(
    private readonly ci: CiProvider,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  async find(job: ComparedJob, mayAsk: boolean, signal?: AbortSignal): Promise<LogBaseline | null> {
    signal?.throwIfAborted();
    const key = digestKey(job);
    if (!mayAsk) return (await this.cache.get<LogBaseline | null>(key)) ?? null;
    let isNone = false;
    const load = async (): Promise<LogBaseline | null> => {
      const digest = await this.load(job, signal);
      isNone = digest === null;
      return digest;
    };
    try {
      const { value, outcome } = await this.cache.getOrLoad(key, load, { ttlMs: DIGEST_TTL_MS });
      if (outcome === 'hit') {
        this.log.debug({ cacheKey: `${key.scope}:${key.id}` }, 'github_baseline_digest_cache_hit');
      }
      if (isNone) await this.cache.set(key, null, { ttlMs: NONE_TTL_MS });
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      const { jobName, branch, workflowId } = job;
      const reason = error instanceof Error ? error.message : String(error);
      this.log.warn({ jobName, branch, workflowId, reason }, 'github_baseline_failed');
      return null;
    }
  }

  private async load(job: ComparedJob, signal?: AbortSignal): Promise<LogBaseline | null> {
    const green = await this.greenJob(job);
    if (green === null) return null;
    const { gzip } = await this.ci.getJobLog(job.repository, green.id, signal);
    return buildBaseline([Readable.from([gzip]).pipe(createGunzip())], { signal });
  }

  private async greenJob({
    repository,
    workflowId,
    branch,
    headSha,
    jobName,
  }: ComparedJob): Promise<CiJob | null> {
    const run = await this.ci.findLastSuccessfulRun(repository, workflowId, branch, headSha ?? undefined);
    if (run === null) return null;
    const jobs = await this.ci.listJobs(repository, run.id, run.attempt);
    return jobs.find(({ name, conclusion }) => name === jobName && conclusion === 'success') ?? null;
  }
}

function digestKey({ repository, workflowId, branch, jobName }: ComparedJob): ScopedCacheKey {
  const id = `${workflowId}:${hashOf([branch, jobName])}:v${BASELINE_VERSION}`;
  return { operation: 'github.baseline', scope: repositoryScope(repository), id };
}
