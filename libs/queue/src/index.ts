export { BullJobQueue } from './bull-job-queue.js';
export { JobWorkers, type JobWorkersParts } from './job-workers.js';
export type { FailedJobListener, JobContext, JobHandler, JobHandlers } from './job-handler.js';
export { queueBackend, type QueueBackend } from './queue-backend.js';
export { prepareQueueSchema, QUEUE_POOL_OPTIONS } from './queue-schema.js';
export { QueueModule, QUEUE_BACKEND } from './queue.module.js';
