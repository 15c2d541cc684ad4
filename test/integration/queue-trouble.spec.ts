import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { Job } from '@app/domain';
import { BullJobQueue, JobWorkers } from '@app/queue';
import { RecordingLog } from '../fakes/recording-log.js';
import { redisBackend, type BackendUnderTest } from '../support/queue-backends.js';
import { handlersOf } from '../support/job-handlers.js';

const config = { queue: { concurrency: 2, attempts: 3, backoffMs: 20 } };
const WAIT = { timeout: 15_000, interval: 50 };
const newJob = (): Job => ({ name: 'expand-run', deliveryId: randomUUID(), sequence: 0 });

/** How long the call took to fail with `queue_away`. */
async function msUntilAway(call: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await expect(call).rejects.toMatchObject({ code: 'queue_away', retryable: true });
  return performance.now() - startedAt;
}

describe('the queue on a Redis in trouble', () => {
  let sut: BackendUnderTest;
  let log: RecordingLog;
  let queue: BullJobQueue;
  let workers: JobWorkers;
  let ran: Job[];

  const handler = async (job: Job): Promise<void> => void ran.push(job);
  const start = async (): Promise<void> => {
    const { backend } = sut;
    queue = await BullJobQueue.create(backend, config, log);
    const handlers = handlersOf(handler);
    workers = new JobWorkers({ backend, config, handlers, log, onFailed: () => undefined });
    await workers.start();
  };

  beforeEach(async () => {
    sut = await redisBackend(inject('redisUrl'));
    log = new RecordingLog();
    ran = [];
  });

  afterEach(async () => {
    await sut.network.mend();
    await workers.close(0);
    await queue.close();
    await sut.close();
  });

  it('starts without Redis, refuses jobs at once, and works by itself when Redis comes', async () => {
    await sut.network.cut();
    await start();
    for (let n = 0; n < 3; n += 1) expect(await msUntilAway(queue.enqueue([newJob()]))).toBeLessThan(1_300);
    expect(await queue.ping()).toMatchObject({ ok: false });
    await sut.network.mend();
    const job = newJob();
    await vi.waitFor(() => queue.enqueue([job]), WAIT);
    await vi.waitFor(() => expect(ran).toEqual([job]), WAIT);
    expect(await queue.ping()).toMatchObject({ ok: true });
  });

  it('says once in a while, not at each attempt, that Redis can’t be reached', async () => {
    await sut.network.cut();
    await start();
    await vi.waitFor(() => expect(log.of('worker_connection_failed').length).toBeGreaterThan(0), WAIT);
    // Both clients try again every 100 ms and more.
    for (let n = 0; n < 20; n += 1) await queue.enqueue([newJob()]).catch(() => undefined);
    const messages = log.of('queue_connection_failed').map(({ error }) => error);
    expect(new Set(messages).size).toBe(messages.length);
  });

  it('gives up on a Redis that does not answer after a second, and recovers', async () => {
    await start();
    await queue.enqueue([newJob()]);
    await vi.waitFor(() => expect(ran).toHaveLength(1), WAIT);
    sut.network.hang();
    expect(await msUntilAway(queue.enqueue([newJob()]))).toBeLessThan(1_500);
    await sut.network.mend();
    const job = newJob();
    await vi.waitFor(() => queue.enqueue([job]), WAIT);
    await vi.waitFor(() => expect(ran).toContainEqual(job), WAIT);
  });
});
