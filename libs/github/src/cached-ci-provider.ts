import {
  Cache,
  CiProvider,
  Log,
  type CiJob,
  type CiRun,
  type RawLog,
  type RepositoryRef,
  type ScopedCacheKey,
  type ScopedOperation,
} from '@app/domain';
import { repositoryScope } from '@app/cache';
import { redactLog } from './logs/redact-log.js';

/** Jobs of an attempt that still runs. */
const RUNNING_TTL_MS = 60_000;

type GithubOperation = Extract<ScopedOperation, `github.${string}`>;

/** The load that several callers shared was given up by the one that began it. */
class LoadAbandoned extends Error {}

/**
 * Answers from the cache what GitHub was asked before: job logs, which never change once the job ended, and the jobs
 * of an attempt. A log is redacted right after it is read: neither the cache nor a caller gets the raw one.
 */
export class CachedCiProvider implements CiProvider {
  constructor(
    private readonly inner: CiProvider,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    return this.inner.getRun(repository, runId, attempt);
  }

  async listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]> {
    const key = cacheKey('github.jobs', repository, runId, attempt);
    let ended = false;
    const { value } = await this.cache.getOrLoad(
      key,
      async () => {
        // The run first: jobs that wait for others are not listed before those end, so a list whose jobs all ended
        // is the whole list only when the attempt had ended before it was made.
        const run = await this.inner.getRun(repository, runId, attempt);
        const jobs = await this.inner.listJobs(repository, runId, attempt);
        ended = run.status === 'completed';
        return jobs;
      },
      { ttlMs: RUNNING_TTL_MS },
    );
    if (ended) await this.cache.set(key, value);
    return value;
  }

  async getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    const key = cacheKey('github.logs', repository, jobId);
    signal?.throwIfAborted();
    try {
      const { value, outcome } = await this.cache.getOrLoad(key, () =>
        this.loadLog(repository, jobId, signal),
      );
      if (outcome === 'hit' || outcome === 'stale') {
        this.log.info(
          { cacheKey: `${key.scope}:${key.id}`, jobId, bytes: value.bytes, outcome },
          'github_logs_cache_hit',
        );
      }
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LoadAbandoned) return this.loadLog(repository, jobId, signal);
      throw error;
    }
  }

  private async loadLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    try {
      return await redactLog(await this.inner.getJobLog(repository, jobId, signal));
    } catch (error) {
      if (signal?.aborted) throw new LoadAbandoned('the caller gave up', { cause: error });
      throw error;
    }
  }
}

function cacheKey(operation: GithubOperation, repository: RepositoryRef, ...ids: number[]): ScopedCacheKey {
  return { operation, scope: repositoryScope(repository), id: ids.join(':') };
}
