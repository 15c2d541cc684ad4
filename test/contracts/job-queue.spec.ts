import { afterAll, beforeAll, inject } from 'vitest';
import type { Job } from '@app/domain';
import { BullJobQueue, JobWorkers } from '@app/queue';
import { FakeJobQueue } from '../fakes/fake-job-queue.js';
import { silentLog } from '../fakes/recording-log.js';
import { EmbeddedQueues, redisBackend, type BackendUnderTest } from '../support/queue-backends.js';
import { jobQueueContract, type JobQueueUnderTest } from './job-queue.contract.js';
import { handlersOf } from '../support/job-handlers.js';

jobQueueContract('fake', async () => {
  const queue = new FakeJobQueue();
  return {
    queue,
    work: async (handler) => void (await queue.runAll(handler)),
    goAway: async () => void (queue.away = true),
    comeBack: async () => void (queue.away = false),
    close: async () => undefined,
  };
});

const config = { queue: { concurrency: 1, attempts: 3, backoffMs: 20 } };

async function bullMq({ backend, network, close }: BackendUnderTest): Promise<JobQueueUnderTest> {
  const queue = await BullJobQueue.create(backend, config, silentLog());
  const workers: JobWorkers[] = [];
  return {
    queue,
    work: async (handler: (job: Job) => Promise<void>) => {
      if (workers.length > 0) return;
      const handlers = handlersOf(handler);
      const started = new JobWorkers({
        backend,
        config,
        handlers,
        log: silentLog(),
        onFailed: () => undefined,
      });
      workers.push(started);
      await started.start();
    },
    goAway: () => network.cut(),
    comeBack: () => network.mend(),
    close: async () => {
      await Promise.all(workers.map((started) => started.close(0)));
      await queue.close();
      await close();
    },
  };
}

jobQueueContract('BullMQ on Redis', async () => bullMq(await redisBackend(inject('redisUrl'))));

let embedded: EmbeddedQueues;
beforeAll(async () => {
  embedded = await EmbeddedQueues.start();
});
afterAll(() => embedded.close());

jobQueueContract('BullMQ on the embedded PostgreSQL', async () => bullMq(await embedded.backend()));
