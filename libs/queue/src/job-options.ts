import type { BackoffStrategy, DefaultJobOptions } from 'bullmq';
import type { Config } from '@app/config';
import { ExternalFailure } from '@app/domain';
import type { QueueBackend } from './queue-backend.js';

const HOUR_S = 3_600;
const KEPT_ON_POSTGRES_S = 600;
const LONGEST_DELAY_MS = 10 * 60_000;
/** Half of each delay is random, so that jobs that failed together don't come back together. */
const JITTER = 0.5;

/** Nobody reads BullMQ's event stream. */
export const EVENT_STREAM = { events: { maxLen: 100 } } as const;

/**
 * Finished jobs are kept a little, so that an id that has just run isn't run again; what a job did is in the
 * product's own tables. On PostgreSQL no count limits them: BullMQ would look through all that are kept whenever a job
 * completes, which takes PGlite ten times as long as the rest of it.
 */
export function jobOptions(config: Pick<Config, 'queue'>, backend: QueueBackend['kind']): DefaultJobOptions {
  return {
    attempts: config.queue.attempts,
    backoff: { type: 'product' },
    removeOnComplete: backend === 'redis' ? { age: HOUR_S, count: 1_000 } : { age: KEPT_ON_POSTGRES_S },
    removeOnFail: { age: 24 * HOUR_S, count: 1_000 },
    stackTraceLimit: 1,
  };
}

/**
 * Doubles from `baseMs` with each attempt, up to ten minutes, and is never shorter than what the other side asked for
 * (`ExternalFailure.retryAfterMs`).
 * @param random gives numbers from 0 up to 1
 */
export function backoff(baseMs: number, random: () => number = Math.random): BackoffStrategy {
  return (attemptsMade, _type, error) => {
    const full = Math.min(baseMs * 2 ** (attemptsMade - 1), LONGEST_DELAY_MS);
    const delayMs = full * (1 - JITTER * random());
    const askedMs = error instanceof ExternalFailure ? (error.retryAfterMs ?? 0) : 0;
    return Math.ceil(Math.max(delayMs, askedMs));
  };
}
