import type { BackgroundJob, BackgroundJobs, Clock, Job, JobQueue, Log } from '@app/domain';

/** How long ended jobs are kept: failed ones for whoever looks into them. */
const KEEP_ENDED_MS = 7 * 24 * 60 * 60_000;

export interface DispatchLimits {
  /** A job that was written to since is left to whoever did. */
  readonly graceMs: number;
  /** Jobs a sweep. */
  readonly batch: number;
  /** A job that was begun so often and never ended takes its workers with it: it is given up. */
  readonly maxAttempts: number;
}

/** Brings background jobs to the queue. Their rows are the outbox: a queue that is away costs time, never a job. */
export class BackgroundDispatch {
  constructor(
    private readonly jobs: BackgroundJobs,
    private readonly queue: JobQueue,
    private readonly tools: { readonly clock: Clock; readonly log: Log; readonly limits: DispatchLimits },
  ) {}

  /** Never throws: the sweep repeats it. */
  async enqueue(job: BackgroundJob): Promise<void> {
    try {
      await this.queue.enqueue([queued(job)]);
    } catch (error) {
      this.tools.log.warn({ backgroundJobId: job.id, error: (error as Error).message }, 'dispatch_failed');
    }
  }

  /** Dispatches what no queue holds any more; answers how many. */
  async sweep(): Promise<number> {
    const { clock, log, limits } = this.tools;
    const before = new Date(clock.now().getTime() - limits.graceMs);
    let dispatched = 0;
    for (const job of await this.jobs.due(before, limits.batch)) {
      const isHeld = await this.queue.isPending(queued(job));
      if (!isHeld && job.attempts >= limits.maxAttempts) {
        await this.jobs.fail(job, `It was begun ${job.attempts} times and never ended.`);
        continue;
      }
      // A queue remembers ended job ids and ignores them: the same work needs a new one.
      const again = await this.jobs.redispatch(job.id, isHeld);
      if (!again || isHeld) continue;
      await this.enqueue(again);
      dispatched += 1;
    }
    if (dispatched > 0) log.info({ jobs: dispatched }, 'background_jobs_swept');
    return dispatched;
  }

  /**
   * Removes jobs that ended a week ago, failed and cancelled ones with what they left unfinished. Answers how many.
   */
  async cleanUp(): Promise<number> {
    const { clock, log } = this.tools;
    const before = new Date(clock.now().getTime() - KEEP_ENDED_MS);
    const jobs = await this.jobs.removeEnded(before);
    if (jobs > 0) log.info({ jobs }, 'ended_jobs_removed');
    return jobs;
  }
}

function queued({ id, sequence }: BackgroundJob): Job {
  return { name: 'ingest-document', backgroundJobId: id, sequence };
}
