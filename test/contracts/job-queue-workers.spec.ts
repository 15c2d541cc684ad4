import { afterAll, beforeAll, inject } from 'vitest';
import { EmbeddedQueues, redisBackend } from '../support/queue-backends.js';
import { jobWorkersContract } from './job-queue-workers.contract.js';

jobWorkersContract('Redis', () => redisBackend(inject('redisUrl')));

let embedded: EmbeddedQueues;
beforeAll(async () => {
  embedded = await EmbeddedQueues.start();
});
afterAll(() => embedded.close());

jobWorkersContract('the embedded PostgreSQL', () => embedded.backend());
