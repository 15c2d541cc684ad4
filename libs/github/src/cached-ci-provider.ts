import {
  Cache,
  CiProvider,
  ExternalFailure,
  Log,
  type AnnotatedJob,
  type ArchivedJob,
  type CacheWriteOptions,
  type CiAnnotation,
  type CiChangedFile,
  type CiComparison,
  type CiJob,
  type CiPullRequest,
  type CiRepository,
  type CiRun,
  type CiRunQuery,
  type FindFilesOptions,
  type RawLog,
  type RepositoryRef,
  type ScopedCacheKey,
} from '@app/domain';
import { hashOf, repositoryScope } from '@app/cache';
import type { GithubOperation } from './client/revalidation.js';
import { redactLog } from './logs/redact-log.js';

/** What may still change is served this long without asking; after it GitHub is asked with the answer's ETag. */
const RUNNING_TTL_MS = 60_000;
/** What GitHub said is not there. */
const NOTHING_TTL_MS = 3_600_000;
/** How long the attempt of a run that ended is kept: as long as its jobs. */
const ENDED_TTL_MS = 30 * 24 * 3_600_000;
/** What is asked for sparingly is asked once for a commit in this time. */
const SPARING_MS = 3_600_000;
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

  async getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    const key = attemptKey(repository, runId, attempt ?? 'latest');
    const { value: run, isNew } = await this.noticed(key, () =>
      this.inner.getRun(repository, runId, attempt),
    );
    // An attempt that ended stays as it is; after the latest there may be another.
    const isFinal = attempt !== undefined && run.status === 'completed';
    if (isNew && isFinal) await this.cache.set(key, run, { ttlMs: ENDED_TTL_MS });
    return run;
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
      if (run !== null) {
        const ttlMs = ENDED_TTL_MS;
        await this.cache.set(attemptKey(repository, run.id, run.attempt), run, { ttlMs });
      }
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

  getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    return this.cachedLog(repository, jobId, () => this.inner.getJobLog(repository, jobId, signal), signal);
  }

  /** Kept as the job's log: whoever asks for that next gets it without asking GitHub. */
  getArchivedLog(repository: RepositoryRef, job: ArchivedJob, signal?: AbortSignal): Promise<RawLog> {
    const load = () => this.inner.getArchivedLog(repository, job, signal);
    return this.cachedLog(repository, job.id, load, signal);
  }

  async listAnnotations(
    repository: RepositoryRef,
    jobs: readonly AnnotatedJob[],
  ): Promise<ReadonlyMap<number, readonly CiAnnotation[]>> {
    const key = cacheKey('github.annotations', repository, hashOf(jobs.map(({ id }) => id)));
    const load = () => this.inner.listAnnotations(repository, jobs);
    const { value, isNew } = await this.noticed(key, load, { ttlMs: NOTHING_TTL_MS });
    // A job that is left out may be told of as soon as somebody signs in, or is granted more.
    if (isNew && jobs.every(({ id }) => value.has(id))) await this.cache.set(key, value);
    return value;
  }

  /** A commit's files of one question are kept together: the jobs of a run ask for the same. */
  async findFiles(
    repository: RepositoryRef,
    paths: readonly string[],
    sha: string,
    options?: FindFilesOptions,
  ): Promise<ReadonlyMap<string, string>> {
    if (paths.length === 0) return new Map();
    const key = cacheKey('github.file', repository, sha.toLowerCase(), hashOf(paths));
    const ask = () => this.inner.findFiles(repository, paths, sha);
    const load = options?.sparingly ? () => this.sparing(repository, sha, ask) : ask;
    // No file may also mean that the credentials don't show it: that can change.
    return this.ofCommit([sha], key, load, ({ size }) => size > 0, NOTHING_TTL_MS);
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

  private async cachedLog(
    repository: RepositoryRef,
    jobId: number,
    read: () => Promise<RawLog>,
    signal?: AbortSignal,
  ): Promise<RawLog> {
    const key = cacheKey('github.logs', repository, jobId);
    signal?.throwIfAborted();
    const load = () => redacted(read, signal);
    try {
      const { value, outcome } = await this.cache.getOrLoad(key, load);
      if (outcome === 'hit' || outcome === 'stale') {
        const cacheKey = `${key.scope}:${key.id}`;
        this.log.info({ cacheKey, jobId, bytes: value.bytes, outcome }, 'github_logs_cache_hit');
      }
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LoadAbandoned) return load();
      throw error;
    }
  }

  /** What belongs to commits never changes; what belongs to a branch may do so any moment. */
  private async ofCommit<T>(
    refs: readonly string[],
    key: ScopedCacheKey,
    load: () => Promise<T>,
    isFinal: (value: T) => boolean = () => true,
    ttlMs = RUNNING_TTL_MS,
  ): Promise<T> {
    const { value, isNew } = await this.noticed(key, load, { ttlMs });
    if (isNew && isFinal(value) && refs.every((ref) => COMMIT_SHA.test(ref)))
      await this.cache.set(key, value);
    return value;
  }

  /** @throws ExternalFailure `github_calls_spared` when that was asked for a commit lately */
  private async sparing<T>(repository: RepositoryRef, sha: string, ask: () => Promise<T>): Promise<T> {
    const asked = cacheKey('github.file', repository, sha.toLowerCase(), 'asked');
    const times = await this.cache.increment(asked, 1, { ttlMs: SPARING_MS });
    if (times !== null && times > 1) {
      throw new ExternalFailure(
        `GitHub was asked for other files of commit ${sha} within the hour already; these are done without.`,
        { code: 'github_calls_spared', retryable: false },
      );
    }
    try {
      return await ask();
    } catch (error) {
      await this.cache.decrement(asked, 1);
      throw error;
    }
  }

  /** Says whether the value was loaded just now, by this caller. */
  private async noticed<T>(
    key: ScopedCacheKey,
    load: () => Promise<T>,
    options?: CacheWriteOptions<T>,
  ): Promise<{ readonly value: T; readonly isNew: boolean }> {
    let isNew = false;
    const loading = async (): Promise<T> => {
      const loaded = await load();
      isNew = true;
      return loaded;
    };
    const value = await this.cached(key, loading, options);
    return { value, isNew };
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
}

async function redacted(read: () => Promise<RawLog>, signal?: AbortSignal): Promise<RawLog> {
  try {
    return await redactLog(await read());
  } catch (error) {
    if (signal?.aborted) throw new LoadAbandoned('the caller gave up', { cause: error });
    throw error;
  }
}

function attemptKey(repository: RepositoryRef, runId: number, attempt: number | 'latest'): ScopedCacheKey {
  return cacheKey('github.runs', repository, 'run', runId, attempt);
}

function cacheKey(
  operation: GithubOperation,
  repository: RepositoryRef,
  ...ids: (number | string)[]
): ScopedCacheKey {
  return { operation, scope: repositoryScope(repository), id: ids.join(':') };
}
