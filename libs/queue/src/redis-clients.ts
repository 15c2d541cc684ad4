import { Redis } from 'ioredis';

const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_STEP_MS = 100;
const RECONNECT_MAX_MS = 1_000;

const common = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: (attempts: number): number => Math.min(attempts * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
};

/** A client whose commands fail at once while Redis is away, and after `commandTimeoutMs` when it doesn't answer. */
export function createProducerClient(url: string, commandTimeoutMs: number): Redis {
  return new Redis(url, {
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
  });
}

/** A client whose commands wait until Redis is back, which is what BullMQ's workers want. */
export function createWorkerClient(url: string): Redis {
  return new Redis(url, { ...common, maxRetriesPerRequest: null });
}
