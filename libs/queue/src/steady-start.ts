import { ConstantBackoff, handleAll, retry } from 'cockatiel';
import type { Pool } from 'pg';
import { prepareQueueSchema } from './queue-schema.js';

const MAX_RETRIES = 4;
const PAUSE_MS = 250;

/** What BullMQ runs on PostgreSQL. */
export interface Startable {
  /** Rejects when it will never work. */
  untilReady(): Promise<unknown>;
  /** Lets go of everything, without waiting for what is broken. */
  abandon(): void;
}

/**
 * Starts something of BullMQ on PostgreSQL, whose tables it brings up to date first. BullMQ looks at them once, and what
 * fails to is broken for ever: so when the database moves to another process or restarts meanwhile, another one is made.
 * @throws Error when PostgreSQL can't be reached
 */
export async function steadyStart<T extends Startable>(pool: Pool, create: () => T): Promise<T> {
  const policy = retry(handleAll, { maxAttempts: MAX_RETRIES, backoff: new ConstantBackoff(PAUSE_MS) });
  return policy.execute(async () => {
    await prepareQueueSchema(pool);
    const made = create();
    try {
      await made.untilReady();
      return made;
    } catch (error) {
      made.abandon();
      throw error;
    }
  });
}
