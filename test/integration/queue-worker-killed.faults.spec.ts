import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, it } from 'vitest';
import { jobId, type Job } from '@app/domain';
import { BullJobQueue, JobWorkers, type QueueBackend } from '@app/queue';
import { silentLog } from '../fakes/recording-log.js';
import { EmbeddedQueues, redisBackend } from '../support/queue-backends.js';
import { handlersOf } from '../support/job-handlers.js';

const config = { queue: { concurrency: 1, attempts: 3, backoffMs: 20 } };
const RECOVERED_WITHIN_MS = 30_000;

/** Has a process of its own take the job, kills it, and says how long it took until another worker ran the job. */
async function killWorker(
  backend: QueueBackend,
  argument: object,
): Promise<{ attempts: number[]; ms: number }> {
  const job: Job = { name: 'diagnose-incident', incidentId: randomUUID(), sequence: 0 };
  const queue = await BullJobQueue.create(backend, config, silentLog());
  await queue.enqueue([job]);

  const stuck = spawn(
    process.execPath,
    [resolve('test/support/stuck-worker.mjs'), JSON.stringify(argument)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [taken] = (await once(createInterface({ input: stuck.stdout }), 'line')) as [string];
  expect(taken).toBe(jobId(job));
  stuck.kill('SIGKILL');
  await once(stuck, 'exit');
  const killedAt = performance.now();
  expect(await queue.isPending(job)).toBe(true);

  const attempts: number[] = [];
  const done = Promise.withResolvers<void>();
  const handler = async (_job: Job, context: { attemptsMade: number }): Promise<void> => {
    attempts.push(context.attemptsMade);
    done.resolve();
  };
  const handlers = handlersOf(handler);
  const workers = new JobWorkers({ backend, config, handlers, log: silentLog(), onFailed: () => undefined });
  await workers.start();
  await done.promise;
  const ms = performance.now() - killedAt;
  await workers.close(1_000);
  expect(await queue.isPending(job)).toBe(false);
  await queue.close();
  return { attempts, ms };
}

describe(
  'a worker process that is killed with a job in its hands',
  { timeout: 2 * RECOVERED_WITHIN_MS },
  () => {
    it.concurrent('loses the job to another worker within 30 s, on Redis', async () => {
      const { backend, close } = await redisBackend(inject('redisUrl'));
      const { attempts, ms } = await killWorker(backend, { redis: backend });
      expect(attempts).toEqual([0]);
      expect(ms).toBeLessThan(RECOVERED_WITHIN_MS);
      await close();
    });

    it.concurrent('loses the job to another worker within 30 s, on the embedded PostgreSQL', async () => {
      const embedded = await EmbeddedQueues.start();
      const { backend, close } = await embedded.backend();
      const { attempts, ms } = await killWorker(backend, { socketDir: embedded.socketDir });
      expect(attempts).toEqual([0]);
      expect(ms).toBeLessThan(RECOVERED_WITHIN_MS);
      await close();
      await embedded.close();
    });
  },
);
