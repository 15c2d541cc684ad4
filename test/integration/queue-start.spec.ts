import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Job } from '@app/domain';
import { BullJobQueue, JobWorkers, type QueueBackend } from '@app/queue';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../fakes/recording-log.js';
import { handlersOf } from '../support/job-handlers.js';
import { EmbeddedQueues } from '../support/queue-backends.js';

const WAIT = { timeout: 15_000, interval: 50 };
const config = { queue: { concurrency: 1, attempts: 3, backoffMs: 20 } };
/** Starts that are disturbed, each at another statement. */
const DISTURBED = 5;

describe('the queue, started while its database moves to another process', () => {
  let embedded: EmbeddedQueues;
  beforeAll(async () => void (embedded = await EmbeddedQueues.start()));
  afterAll(() => embedded.close());

  /** Starts queue and workers and runs a job, leaving no connection behind. How many statements the start took. */
  const startAndRun = async (lostAt: number | null): Promise<number> => {
    const under = await embedded.backend();
    const pool = new Pool((under.backend as Extract<QueueBackend, { kind: 'postgres' }>).pool.options);
    const backend: QueueBackend = { kind: 'postgres', pool };
    const statements = countStatements(pool, lostAt);
    const ran: Job[] = [];
    const log = silentLog();
    const queue = await BullJobQueue.create(backend, config, log);
    const handlers = handlersOf(async (job) => void ran.push(job));
    const workers = new JobWorkers({ backend, config, handlers, log, onFailed: () => undefined });
    try {
      await workers.start();
      const asked = statements.count;
      const job: Job = { name: 'expand-run', deliveryId: randomUUID(), sequence: 0 };
      await queue.enqueue([job]);
      await vi.waitFor(() => expect(ran).toEqual([job]), WAIT);
      return asked;
    } finally {
      await workers.close(0);
      await queue.close();
      await pool.end();
      await under.close();
    }
  };

  it('starts all the same, at whichever statement the connection is lost', async () => {
    const asked = await startAndRun(null);
    expect(asked).toBeGreaterThan(DISTURBED);
    for (let n = 0; n < DISTURBED; n++)
      await startAndRun(1 + Math.floor((n * (asked - 1)) / (DISTURBED - 1)));
  });
});

/** Counts what a pool's connections are asked; at the `lostAt`th statement its connection ends without an answer. */
function countStatements(pool: Pool, lostAt: number | null): { readonly count: number } {
  const statements = { count: 0 };
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    client.query = ((...given: unknown[]) => {
      const answer = query(...given);
      if (++statements.count === lostAt) stream.destroy();
      return answer;
    }) as typeof client.query;
  });
  return statements;
}
