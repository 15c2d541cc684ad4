import { timeout, TimeoutStrategy } from 'cockatiel';
import type { Config } from '@app/config';
import { ExternalFailure, InvalidInput, jobId, type Job, type JobQueue, type Log } from '@app/domain';
import { repeatedErrorLog } from './error-log.js';
import { jobSchema } from './job-schema.js';
import { createProducer, type BullQueue, type Producer } from './producer.js';
import type { QueueBackend } from './queue-backend.js';
import { steadyStart } from './steady-start.js';

const PENDING_STATES = new Set<string>(['waiting', 'delayed', 'active', 'prioritized', 'waiting-children']);

/** On PostgreSQL a bulk makes temporary tables: on PGlite 10 ms, and a job by itself takes 0.9 ms. */
const BULK_FROM = 12;

/**
 * The job queue on BullMQ, over Redis or PostgreSQL. Calls answer or fail within a second (PostgreSQL: five): what
 * must not be lost is in the outbox tables, so nobody waits here for a server to come back.
 */
export class BullJobQueue implements JobQueue {
  private constructor(private readonly producer: Producer) {}

  /**
   * Doesn't wait for Redis. On PostgreSQL it brings BullMQ's tables up to date.
   * @throws Error when PostgreSQL can't be reached
   */
  static async create(backend: QueueBackend, config: Pick<Config, 'queue'>, log: Log): Promise<BullJobQueue> {
    const onError = repeatedErrorLog(log.child({ part: 'queue' }), 'queue_connection_failed');
    const create = (): Producer => createProducer(backend, config, onError);
    return new BullJobQueue(backend.kind === 'postgres' ? await steadyStart(backend.pool, create) : create());
  }

  /** @throws ExternalFailure `queue_away`; InvalidInput for a job that no worker could read */
  async enqueue(jobs: readonly Job[]): Promise<void> {
    const invalid = jobs.find((job) => !jobSchema.safeParse(job).success);
    if (invalid) throw new InvalidInput(`No worker could read the job ${jobId(invalid)}.`, { job: invalid });
    const { queues } = this.producer;
    await this.reach(() =>
      Promise.all(
        Object.values(queues).map((queue) =>
          add(
            queue,
            jobs.filter(({ name }) => name === queue.name),
          ),
        ),
      ),
    );
  }

  /** @throws ExternalFailure `queue_away` */
  async isPending(job: Job): Promise<boolean> {
    const state = await this.reach(() => this.producer.queues[job.name].getJobState(jobId(job)));
    return PENDING_STATES.has(state);
  }

  async ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    const startedAt = performance.now();
    const latencyMs = (): number => performance.now() - startedAt;
    try {
      await this.reach(() => this.producer.queues['diagnose-incident'].getJobState('ping'));
      return { ok: true, latencyMs: latencyMs() };
    } catch (error) {
      return { ok: false, latencyMs: latencyMs(), detail: (error as Error).message };
    }
  }

  /** Jobs that wait to be run, by name. @throws ExternalFailure `queue_away` */
  async counts(): Promise<Readonly<Record<string, { waiting: number; active: number; delayed: number }>>> {
    const queues = Object.values(this.producer.queues);
    const counts = await this.reach(() =>
      Promise.all(queues.map((queue) => queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed'))),
    );
    return Object.fromEntries(
      queues.map(({ name }, index) => {
        const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts[index]!;
        return [name, { waiting: waiting + prioritized, active, delayed }];
      }),
    );
  }

  close(): Promise<void> {
    return this.producer.close();
  }

  private async reach<T>(call: () => Promise<T>): Promise<T> {
    const { deadlineMs } = this.producer;
    try {
      return await timeout(deadlineMs, TimeoutStrategy.Aggressive).execute(async () => {
        await this.producer.untilReady();
        return call();
      });
    } catch (error) {
      throw new ExternalFailure(`The queue can't be reached: ${(error as Error).message}`, {
        code: 'queue_away',
        retryable: true,
        cause: error,
      });
    }
  }
}

async function add(queue: BullQueue, jobs: readonly Job[]): Promise<void> {
  if (jobs.length >= BULK_FROM) {
    await queue.addBulk(jobs.map((job) => ({ name: job.name, data: job, opts: optionsOf(job) })));
    return;
  }
  for (const job of jobs) await queue.add(job.name, job, optionsOf(job));
}

/** BullMQ runs the lowest priority first, and before all those that have none. */
function optionsOf(job: Job): { jobId: string; priority?: number } {
  return { jobId: jobId(job), ...(job.turn === undefined ? {} : { priority: job.turn }) };
}
