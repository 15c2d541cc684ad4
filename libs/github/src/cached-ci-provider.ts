import {
  Cache,
  CiProvider,
  Log,
  type CacheWriteOptions,
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
  type ScopedCacheKey,
} from '@app/domain';
import { hashOf, repositoryScope } from '@app/cache';
import type { GithubOperation } from './client/revalidation.js';
import { redactLog } from './logs/redact-log.js';

/** What may still change is served this long without asking; after it GitHub is asked with the answer's ETag. */
const RUNNING_TTL_MS = 60_000;
const COMMIT_SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i;

/** The load that several callers shared was given up by the one that began it. */
class LoadAbandoned extends Error {}

/**
 * Answers from the cache what GitHub was asked before. What never changes (logs and jobs of an attempt that ended,
 * files and changes of a commit) is kept long, everything else for a minute or as its policy says. A log is redacted
 * right after it is read: neither the cache nor a caller gets the raw one.
 */
export class CachedCiProvider implements CiProvider {
  constructor(
    private readonly inner: CiProvider,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  getRepository(repository: RepositoryRef): Promise<CiRepository> {
    const scope = repositoryScope(repository);
    const nameAt = scope.lastIndexOf(':') + 1;
    // The repository's own entry has no more to its key than owner and name.
    const key = {
      operation: 'github.repo',
      scope: scope.slice(0, nameAt - 1),
      id: scope.slice(nameAt),
    } as const;
    return this.cached(key, () => this.inner.getRepository(repository));
  }

  getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    return this.cached(attemptKey(repository, runId, attempt ?? 'latest'), () =>
      this.inner.getRun(repository, runId, attempt),
    );
  }

  listRuns(repository: RepositoryRef, query: CiRunQuery): Promise<CiRun[]> {
    const key = cacheKey('github.runs', repository, query.workflowId ?? 'all', hashOf(query));
    return this.cached(key, () => this.inner.listRuns(repository, query));
  }

  findLastSuccessfulRun(
    repository: RepositoryRef,
    workflowId: number,
    branch: string,
    beforeSha?: string,
  ): Promise<CiRun | null> {
    const key = cacheKey('github.baseline', repository, workflowId, hashOf([branch, beforeSha ?? null]));
    return this.cached(key, async () => {
      const run = await this.inner.findLastSuccessfulRun(repository, workflowId, branch, beforeSha);
      // Whoever lists its jobs next need not ask whether it has ended.
      if (run !== null) await this.cache.set(attemptKey(repository, run.id, run.attempt), run);
      return run;
    });
  }

  async listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]> {
    const key = cacheKey('github.jobs', repository, runId, attempt);
    let ended = false;
    const jobs = await this.cached(
      key,
      async () => {
        // The run first: jobs that wait for others are not listed before those end, so a list whose jobs all ended
        // is the whole list only when the attempt had ended before it was made.
        const run = await this.getRun(repository, runId, attempt);
        const listed = await this.inner.listJobs(repository, runId, attempt);
        ended = run.status === 'completed';
        return listed;
      },
      { ttlMs: RUNNING_TTL_MS },
    );
    if (ended) await this.cache.set(key, jobs);
    return jobs;
  }

  async getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    const key = cacheKey('github.logs', repository, jobId);
    signal?.throwIfAborted();
    try {
      const { value, outcome } = await this.cache.getOrLoad(key, () =>
        this.loadLog(repository, jobId, signal),
      );
      if (outcome === 'hit' || outcome === 'stale') {
        const cacheKey = `${key.scope}:${key.id}`;
        this.log.info({ cacheKey, jobId, bytes: value.bytes, outcome }, 'github_logs_cache_hit');
      }
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LoadAbandoned) return this.loadLog(repository, jobId, signal);
      throw error;
    }
  }

  listAnnotations(repository: RepositoryRef, jobId: number): Promise<CiAnnotation[]> {
    const key = cacheKey('github.annotations', repository, jobId);
    return this.cached(key, () => this.inner.listAnnotations(repository, jobId));
  }

  findFile(repository: RepositoryRef, path: string, sha: string): Promise<string | null> {
    const key = cacheKey('github.file', repository, sha.toLowerCase(), hashOf(path));
    // No file may also mean that the credentials don't show it: that can change.
    return this.ofCommit([sha], key, () => this.inner.findFile(repository, path, sha), isThere);
  }

  listChangedFiles(repository: RepositoryRef, sha: string): Promise<CiChangedFile[]> {
    const key = cacheKey('github.diff', repository, sha.toLowerCase());
    return this.ofCommit([sha], key, () => this.inner.listChangedFiles(repository, sha));
  }

  compareCommits(repository: RepositoryRef, base: string, head: string): Promise<CiComparison> {
    const key = cacheKey('github.diff', repository, 'compare', hashOf([base, head]));
    return this.ofCommit([base, head], key, () => this.inner.compareCommits(repository, base, head));
  }

  listPullRequests(repository: RepositoryRef, sha: string): Promise<CiPullRequest[]> {
    const key = cacheKey('github.pulls', repository, sha.toLowerCase());
    return this.cached(key, () => this.inner.listPullRequests(repository, sha));
  }

  /** What belongs to commits never changes; what belongs to a branch may do so any moment. */
  private async ofCommit<T>(
    refs: readonly string[],
    key: ScopedCacheKey,
    load: () => Promise<T>,
    isFinal: (value: T) => boolean = () => true,
  ): Promise<T> {
    let loaded = false;
    const loading = async (): Promise<T> => {
      const value = await load();
      loaded = true;
      return value;
    };
    const value = await this.cached(key, loading, { ttlMs: RUNNING_TTL_MS });
    if (loaded && isFinal(value) && refs.every((ref) => COMMIT_SHA.test(ref)))
      await this.cache.set(key, value);
    return value;
  }

  private async cached<T>(
    key: ScopedCacheKey,
    load: () => Promise<T>,
    options: CacheWriteOptions<T> = {},
  ): Promise<T> {
    const { value, outcome } = await this.cache.getOrLoad(key, load, options);
    if (outcome === 'hit' || outcome === 'stale') {
      const event = `${key.operation.replace('.', '_')}_cache_hit`;
      this.log.debug({ cacheKey: [key.scope, key.id].filter(Boolean).join(':'), outcome }, event);
    }
    return value;
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

function attemptKey(repository: RepositoryRef, runId: number, attempt: number | 'latest'): ScopedCacheKey {
  return cacheKey('github.runs', repository, 'run', runId, attempt);
}

function isThere(value: unknown): boolean {
  return value !== null;
}

function cacheKey(
  operation: GithubOperation,
  repository: RepositoryRef,
  ...ids: (number | string)[]
): ScopedCacheKey {
  return { operation, scope: repositoryScope(repository), id: ids.join(':') };
}
