import { randomUUID } from 'node:crypto';
import { loadConfig } from '@app/config';
import type { Job } from '@app/domain';
import { BullJobQueue, JobWorkers, queueBackend } from '@app/queue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RecordingLog } from '../fakes/recording-log.js';
import { handlersOf } from '../support/job-handlers.js';
import { startSentinel, startTlsRedis } from '../support/redis-topologies.js';

const WAIT = { timeout: 20_000, interval: 50 };
const queueConfig = { queue: { concurrency: 2, attempts: 3, backoffMs: 20 } };
const newJob = (): Job => ({ name: 'expand-run', deliveryId: randomUUID(), sequence: 0 });
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** A queue with its workers where these variables say; answers what was run. */
async function open(env: Record<string, string>): Promise<{ queue: BullJobQueue; ran: Job[] }> {
  const ran: Job[] = [];
  const backend = await queueBackend(loadConfig(env), () => Promise.reject(new Error('Redis serves')));
  const log = new RecordingLog();
  const queue = await BullJobQueue.create(backend, queueConfig, log);
  const handler = async (job: Job): Promise<void> => void ran.push(job);
  const handlers = handlersOf(handler);
  const workers = new JobWorkers({ backend, config: queueConfig, handlers, log, onFailed: () => undefined });
  await workers.start();
  endings.push(
    () => queue.close(),
    () => workers.close(0),
  );
  return { queue, ran };
}

describe('the queue on a Redis that is run', () => {
  it('with TLS, a password and an authority of its own', async () => {
    const server = await startTlsRedis('p@ss/word');
    endings.push(() => server.stop());
    const env = { REDIS_HOST: 'localhost', REDIS_PORT: `${server.ports[0]}`, REDIS_TLS_ENABLED: 'true' };
    const { queue, ran } = await open({
      ...env,
      REDIS_PASSWORD: 'p@ss/word',
      REDIS_TLS_CA_FILE: server.caFile,
    });
    const job = newJob();
    await queue.enqueue([job]);
    await vi.waitFor(() => expect(ran).toEqual([job]), WAIT);
    const stranger = await open({ ...env, REDIS_PASSWORD: 'p@ss/word' });
    await expect(stranger.queue.enqueue([newJob()])).rejects.toMatchObject({ code: 'queue_away' });
  });

  it('behind sentinels: jobs go on at the new master when the old one has died', async () => {
    const topology = await startSentinel();
    endings.push(() => topology.stop());
    const [master, , sentinel] = topology.ports;
    const { queue, ran } = await open({ REDIS_SENTINELS: `127.0.0.1:${sentinel}` });
    const [before, after] = [newJob(), newJob()];
    await queue.enqueue([before]);
    await vi.waitFor(() => expect(ran).toEqual([before]), WAIT);
    await topology.kill(master!);
    await vi.waitFor(() => queue.enqueue([after]), WAIT);
    await vi.waitFor(() => expect(ran).toContainEqual(after), WAIT);
  });
});
