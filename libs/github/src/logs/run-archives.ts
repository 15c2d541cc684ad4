import { LRUCache } from 'lru-cache';
import {
  ExternalFailure,
  repositoryName,
  type ArchivedJob,
  type RawLog,
  type RepositoryRef,
} from '@app/domain';
import { gzipCapped } from './capped-gzip.js';
import type { LogDownload } from './log-download.js';
import { logGone } from './log-failure.js';
import { ARCHIVE_LIMITS, RunArchive, type ArchiveLimits } from './run-archive.js';
import { SharedWork } from './shared-work.js';

/** Archives at hand, and for how long: the jobs of a failed run are read within minutes, and share one download. */
const MAX_OPEN = 4;
const OPEN_MS = 120_000;

/** Logs of jobs from the archives of their runs: where GitHub has a job's own log no longer. */
export class RunArchives {
  private readonly open = new LRUCache<string, SharedWork<RunArchive>>({
    max: MAX_OPEN,
    ttl: OPEN_MS,
    // Without it an archive would keep its place on the disk until somebody asks again.
    ttlAutopurge: true,
    dispose: (archive) => void archive.outcome().then((opened) => opened?.close()),
  });

  constructor(
    private readonly download: LogDownload,
    private readonly logMaxBytes: number,
    private readonly limits: ArchiveLimits = ARCHIVE_LIMITS,
  ) {}

  /** @throws ExternalFailure; `signal`'s reason when it ended the download */
  async jobLog(repository: RepositoryRef, job: ArchivedJob, signal?: AbortSignal): Promise<RawLog> {
    let archive = await this.archive(repository, job).wait(signal);
    // Its time may have run out in between.
    while (archive.isClosed) archive = await this.archive(repository, job).wait(signal);
    const log = await archive.read(job.name, (bytes) => gzipCapped(bytes, this.logMaxBytes));
    if (log !== null) return log;
    throw logGone(
      `The log archive of run ${job.runId} of ${repositoryName(repository)} has no log that is surely of the job “${job.name}”.`,
    );
  }

  private archive(repository: RepositoryRef, { runId, attempt }: ArchivedJob): SharedWork<RunArchive> {
    const key = `${repositoryName(repository).toLowerCase()} ${runId} ${attempt}`;
    const known = this.open.get(key);
    if (known && !known.isGivenUp) return known;
    const shared = this.receive(repository, runId, attempt);
    this.open.set(key, shared);
    // One that can't be had for good is not asked for again by the run's other jobs.
    shared.onFailure((error) => {
      const isFinal = error instanceof ExternalFailure && !error.retryable;
      if (!isFinal && this.open.get(key) === shared) this.open.delete(key);
    });
    return shared;
  }

  private receive(repository: RepositoryRef, runId: number, attempt: number): SharedWork<RunArchive> {
    const what = `log archive of run ${runId} (attempt ${attempt})`;
    const stored = {
      what,
      route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/logs',
      parameters: { run_id: runId, attempt_number: attempt },
    };
    const named = `${what} of ${repositoryName(repository)}`;
    return new SharedWork((signal) =>
      this.download.run(repository, stored, (bytes) => RunArchive.receive(bytes, named, this.limits), signal),
    );
  }
}
