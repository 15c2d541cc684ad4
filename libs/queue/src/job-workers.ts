import { setTimeout as after } from 'node:timers/promises';
import { UnrecoverableError, WaitingError } from 'bullmq';
import type { Config } from '@app/config';
import { subjectOf, type Job, type JobName, type Log } from '@app/domain';
import { createWorkers, type BullJobOf, type BullWorker, type WorkerGroup } from './bull-workers.js';
import { repeatedErrorLog } from './error-log.js';
import { isHopeless, type FailedJobListener, type JobHandler, type JobHandlers } from './job-handler.js';
import { JOB_NAMES, jobSchema } from './job-schema.js';
import type { QueueBackend } from './queue-backend.js';
import { steadyStart } from './steady-start.js';

/** How long a handler has to stop once its signal is aborted. */
const STOP_LIMIT_MS = 2_000;
/** How long handing back and disconnecting may take; what is not handed back is found as stalled. */
const HAND_BACK_LIMIT_MS = 3_000;

export interface JobWorkersParts {
  readonly backend: QueueBackend;
  readonly config: Pick<Config, 'queue'>;
  readonly handlers: JobHandlers;
  readonly log: Log;
  readonly onFailed: FailedJobListener;
}

/**
 * Runs the jobs of every queue with the product's handlers. A job is run at least once: its worker may be killed or
 * lose it at any moment, and then another one runs it from the start.
 */
export class JobWorkers {
  private readonly log: Log;
  private readonly stop = new AbortController();
  private readonly giveUp = new AbortController();
  private readonly records = new Set<Promise<void>>();
  private group: WorkerGroup | null = null;
  private closing: Promise<void> | null = null;

  constructor(private readonly parts: JobWorkersParts) {
    this.log = parts.log.child({ part: 'workers' });
  }

  /**
   * Begins to take jobs. Doesn't wait for Redis; on PostgreSQL it brings BullMQ's tables up to date first.
   * @throws Error when a job name has no handler, or a handler no job name, or PostgreSQL can't be reached
   */
  async start(): Promise<void> {
    if (this.group || this.closing) throw new Error('The workers were started before.');
    this.assertHandlers();
    const { backend, config } = this.parts;
    const onError = repeatedErrorLog(this.log, 'worker_connection_failed');
    const create = (): WorkerGroup => {
      const made = createWorkers(backend, config, JOB_NAMES, (job, token, signal) =>
        this.process(job, token!, signal!),
      );
      for (const worker of made.workers) this.watch(worker, onError);
      return made;
    };
    const group = backend.kind === 'postgres' ? await steadyStart(backend.pool, create) : create();
    if (this.closing) return void group.close();
    this.group = group;
    for (const worker of group.workers) worker.run().catch(onError);
    this.log.info({ queues: JOB_NAMES, backend: backend.kind, ...config.queue }, 'workers_started');
  }

  /**
   * Takes no more jobs and lets those that run end. After `limitMs` their signals are aborted, and what has not
   * ended two seconds later is handed back, to be run again without counting as a failure. Never rejects.
   */
  close(limitMs: number): Promise<void> {
    this.closing ??= this.group ? this.closeGroup(this.group, limitMs) : Promise.resolve();
    return this.closing;
  }

  private assertHandlers(): void {
    const given = Object.keys(this.parts.handlers);
    const missing = JOB_NAMES.filter((name) => typeof this.parts.handlers[name] !== 'function');
    const unknown = given.filter((name) => !(JOB_NAMES as readonly string[]).includes(name));
    if (missing.length === 0 && unknown.length === 0) return;
    throw new Error(
      `Every job needs exactly one handler. Without one: ${missing.join(', ') || '–'}. Of no job: ${unknown.join(', ') || '–'}.`,
    );
  }

  private watch(worker: BullWorker, onError: (error: Error) => void): void {
    worker.on('error', onError);
    worker.on('stalled', (id) => this.log.warn({ job: id, queue: worker.name }, 'job_stalled'));
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker.cancelJob(id, 'Another worker has taken the job over.');
    });
    worker.on('failed', (job, error) => {
      if (job) this.failed(job, error);
    });
  }

  private async process(bullJob: BullJobOf, token: string, lost: AbortSignal): Promise<void> {
    const parsed = jobSchema.safeParse(bullJob.data);
    if (!parsed.success)
      throw new UnrecoverableError(`The payload of ${bullJob.id} can't be read: ${parsed.error.message}`);
    // An idle worker that closes may still take one job.
    if (this.closing) await this.handBack(bullJob, token);
    const startedAt = performance.now();
    try {
      await untilAborted(this.giveUp.signal, this.handle(parsed.data, bullJob, lost));
    } catch (error) {
      if (this.stop.signal.aborted) await this.handBack(bullJob, token);
      if (isHopeless(error)) throw new UnrecoverableError((error as Error).message);
      throw error;
    }
    this.log.debug({ job: bullJob.id, ms: Math.round(performance.now() - startedAt) }, 'job_done');
  }

  private async handle(job: Job, { attemptsMade, opts }: BullJobOf, lost: AbortSignal): Promise<void> {
    const handler = this.parts.handlers[job.name] as JobHandler<JobName>;
    await handler(job, {
      signal: AbortSignal.any([this.stop.signal, lost]),
      attemptsMade,
      isLastAttempt: attemptsMade + 1 >= (opts.attempts ?? 1),
    });
  }

  /** @throws WaitingError always: it tells BullMQ that the job is neither done nor failed */
  private async handBack(bullJob: BullJobOf, token: string): Promise<never> {
    try {
      await bullJob.moveToWait(token);
      this.log.info({ job: bullJob.id }, 'job_handed_back');
    } catch (error) {
      this.log.warn({ job: bullJob.id, error: (error as Error).message }, 'job_hand_back_failed');
    }
    throw new WaitingError();
  }

  private failed(bullJob: BullJobOf, error: Error): void {
    const fields = { job: bullJob.id, attempts: bullJob.attemptsMade, error: error.message };
    // BullMQ gives the end's time to a job that isn't tried again.
    if (bullJob.finishedOn === undefined) {
      this.log.warn({ ...fields, retryInMs: bullJob.delay }, 'job_failed');
      return;
    }
    this.log.error(fields, 'job_failed_finally');
    const record = this.record(bullJob, error).catch((cause: Error) =>
      this.log.error({ ...fields, cause: cause.message }, 'failed_job_not_recorded'),
    );
    this.records.add(record);
    void record.finally(() => this.records.delete(record));
  }

  private async record(bullJob: BullJobOf, error: Error): Promise<void> {
    const parsed = jobSchema.safeParse(bullJob.data);
    await this.parts.onFailed({
      jobId: bullJob.id!,
      name: bullJob.name,
      subject: parsed.success ? subjectOf(parsed.data) : bullJob.id!,
      error: error.message,
      attempts: bullJob.attemptsMade,
      failedAt: new Date(bullJob.finishedOn!),
    });
  }

  private async closeGroup(group: WorkerGroup, limitMs: number): Promise<void> {
    const done = new AbortController();
    const closed = group.close().then(() => true);
    const overdue = this.insist(limitMs, done.signal).then(() => false);
    if (!(await Promise.race([closed, overdue]))) this.log.error({ limitMs }, 'workers_not_closed');
    done.abort();
    group.abandon();
    await Promise.all(this.records);
    this.log.info({}, 'workers_closed');
  }

  /** Resolves when there is nothing more to wait for. */
  private async insist(limitMs: number, done: AbortSignal): Promise<void> {
    try {
      await after(limitMs, undefined, { signal: done });
      this.stop.abort(new Error('The process is ending.'));
      await after(STOP_LIMIT_MS, undefined, { signal: done });
      this.giveUp.abort(new Error('The process is ending, and the job did not stop.'));
      await after(HAND_BACK_LIMIT_MS, undefined, { signal: done });
    } catch (error) {
      if (!done.aborted) throw error;
    }
  }
}

/** The promise's outcome, or the signal's reason when that comes first. */
async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const ended = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: ended.signal });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    ended.abort();
  }
}
