import { once } from 'node:events';
import { createPostgresBackend, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Config } from '@app/config';
import type { Job, JobName } from '@app/domain';
import { EVENT_STREAM, jobOptions } from './job-options.js';
import { JOB_NAMES } from './job-schema.js';
import type { QueueBackend } from './queue-backend.js';
import { createProducerClient } from './redis-clients.js';
import { SteadyPool } from './steady-pool.js';

/** What is used of BullMQ's Queue, whichever its backend is. */
export interface BullQueue extends Pick<
  Queue<Job, void, JobName>,
  'add' | 'addBulk' | 'getJobState' | 'getJobCounts' | 'waitUntilReady' | 'close' | 'name'
> {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The adding side of the queues. */
export interface Producer {
  readonly queues: Readonly<Record<JobName, BullQueue>>;
  /** How long a call may take before the queue counts as away. */
  readonly deadlineMs: number;
  /** Resolves when the first connection stands, or could not be made. */
  untilReady(): Promise<unknown>;
  close(): Promise<void>;
  /** Lets go of everything, without waiting for what is broken. */
  abandon(): void;
}

const REDIS_DEADLINE_MS = 1_000;
/** PGlite runs one statement at a time: a long one before ours is no outage. */
const POSTGRES_DEADLINE_MS = 5_000;

export function createProducer(
  backend: QueueBackend,
  config: Pick<Config, 'queue'>,
  onError: (error: Error) => void,
): Producer {
  const producer =
    backend.kind === 'redis' ? redisProducer(backend, config) : postgresProducer(backend, config);
  for (const queue of Object.values(producer.queues)) queue.on('error', onError);
  return producer;
}

function redisProducer(
  { endpoint, prefix }: Extract<QueueBackend, { kind: 'redis' }>,
  config: Pick<Config, 'queue'>,
): Producer {
  const client = createProducerClient(endpoint, REDIS_DEADLINE_MS);
  const queues = perJobName(
    (name) =>
      new Queue<Job, void, JobName>(name, {
        connection: client,
        prefix,
        // Both make BullMQ wait for Redis once, and stay broken for ever when it wasn't there.
        skipWaitingForReady: true,
        skipVersionCheck: true,
        streams: EVENT_STREAM,
        defaultJobOptions: jobOptions(config, 'redis'),
      }),
  );
  const close = async (): Promise<void> => {
    await closeAll(queues);
    client.disconnect();
  };
  return {
    queues,
    deadlineMs: REDIS_DEADLINE_MS,
    untilReady: () => firstConnection(client),
    close,
    abandon: () => void close().catch(() => undefined),
  };
}

/** Commands are refused until the first connection stands, which takes milliseconds that are worth waiting for. */
async function firstConnection(client: Redis): Promise<void> {
  if (client.status === 'connecting' || client.status === 'connect') await once(client, 'ready');
}

function postgresProducer(
  { pool }: Extract<QueueBackend, { kind: 'postgres' }>,
  config: Pick<Config, 'queue'>,
): Producer {
  const connection = new SteadyPool(pool);
  const queues = perJobName(
    (name) =>
      new Queue(
        name,
        { connection, streams: EVENT_STREAM, defaultJobOptions: jobOptions(config, 'postgres') },
        createPostgresBackend,
      ),
  );
  return {
    queues,
    deadlineMs: POSTGRES_DEADLINE_MS,
    // BullMQ looks at the schema once; a queue for which that fails is broken for ever.
    untilReady: () => Promise.all(Object.values(queues).map((queue) => queue.waitUntilReady())),
    close: () => closeAll(queues),
    abandon: () => {
      closeAll(queues).catch(() => undefined);
      connection.abandon();
    },
  };
}

async function closeAll(queues: Readonly<Record<JobName, BullQueue>>): Promise<void> {
  await Promise.all(Object.values(queues).map((queue) => queue.close()));
}

function perJobName(create: (name: JobName) => BullQueue): Record<JobName, BullQueue> {
  return Object.fromEntries(JOB_NAMES.map((name) => [name, create(name)])) as Record<JobName, BullQueue>;
}
