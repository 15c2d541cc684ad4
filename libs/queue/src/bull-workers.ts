import {
  createPostgresBackend,
  Worker,
  type Job as BullJob,
  type Processor,
  type WorkerListener,
} from 'bullmq';
import type { Config } from '@app/config';
import type { Job, JobName } from '@app/domain';
import { backoff } from './job-options.js';
import type { QueueBackend } from './queue-backend.js';
import { createWorkerClient } from './redis-clients.js';
import { SteadyPool } from './steady-pool.js';

export type BullJobOf = BullJob<Job, void, JobName>;

type Listeners = WorkerListener<Job, void, JobName>;

/** What is used of BullMQ's Worker, whichever its backend is. */
export interface BullWorker extends Pick<
  Worker<Job, void, JobName>,
  'run' | 'close' | 'cancelJob' | 'waitUntilReady' | 'name'
> {
  on<E extends keyof Listeners>(event: E, listener: Listeners[E]): unknown;
}

/**
 * A worker that is killed can't renew its jobs' locks: they end after LOCK_MS, and the check that runs every
 * STALLED_CHECK_MS gives the jobs to another worker, 15 to 25 s after the kill.
 */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;
/** How often a job's worker may die before the job is taken to be the reason. */
const MAX_DEATHS = 10;
const RETRY_CONNECTION_MS = 1_000;
/** How long an idle worker waits before it looks by itself; new jobs wake it at once. */
const IDLE_S = { redis: 5, postgres: 30 } as const;

export interface WorkerGroup {
  readonly workers: readonly BullWorker[];
  /**
   * Rejects when PostgreSQL can't be reached: BullMQ looks at the schema once, and a worker for which that fails never
   * works. Doesn't wait for Redis, whose workers connect whenever it is there.
   */
  untilReady(): Promise<unknown>;
  /** Takes no more jobs; resolves when those that run have ended. */
  close(): Promise<unknown>;
  /** Ends the connections that the workers were given, without waiting for workers that are not closed yet. */
  abandon(): void;
}

export function createWorkers(
  backend: QueueBackend,
  config: Pick<Config, 'queue'>,
  names: readonly JobName[],
  processor: Processor<Job, void, JobName>,
): WorkerGroup {
  const options = {
    autorun: false,
    concurrency: config.queue.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_DEATHS,
    runRetryDelay: RETRY_CONNECTION_MS,
    drainDelay: IDLE_S[backend.kind],
    settings: { backoffStrategy: backoff(config.queue.backoffMs) },
  };
  if (backend.kind === 'postgres') {
    const connection = new SteadyPool(backend.pool);
    const workers = names.map(
      (name) => new Worker(name, processor, { ...options, connection }, createPostgresBackend),
    );
    return {
      workers,
      untilReady: () => Promise.all(workers.map((worker) => worker.waitUntilReady())),
      close: () => closeAll(workers),
      abandon: () => {
        closeAll(workers).catch(() => undefined);
        connection.abandon();
      },
    };
  }
  const client = createWorkerClient(backend.endpoint);
  // Each worker reports the errors of its own connections; this one's are the same.
  client.on('error', () => undefined);
  const workers = names.map(
    (name) => new Worker(name, processor, { ...options, connection: client, prefix: backend.prefix }),
  );
  return {
    workers,
    untilReady: async () => undefined,
    close: () => closeAll(workers),
    abandon: () => client.disconnect(),
  };
}

async function closeAll(workers: readonly BullWorker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.close()));
}
