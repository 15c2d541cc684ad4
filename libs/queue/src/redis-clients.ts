import { readFileSync } from 'node:fs';
import type { RedisEndpoint } from '@app/config';
import { Redis, type RedisOptions } from 'ioredis';

const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_STEP_MS = 100;
const RECONNECT_MAX_MS = 1_000;

const retryStrategy = (attempts: number): number => Math.min(attempts * RECONNECT_STEP_MS, RECONNECT_MAX_MS);
const common = { connectTimeout: CONNECT_TIMEOUT_MS, retryStrategy };

/** A client whose commands fail at once while Redis is away, and after `commandTimeoutMs` when it doesn't answer. */
export function createProducerClient(endpoint: RedisEndpoint, commandTimeoutMs: number): Redis {
  return new Redis({
    ...addressOf(endpoint),
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
  });
}

/** A client whose commands wait until Redis is back, which is what BullMQ's workers want. */
export function createWorkerClient(endpoint: RedisEndpoint): Redis {
  return new Redis({ ...addressOf(endpoint), ...common, maxRetriesPerRequest: null });
}

/** One server, or the master that sentinels name; a cluster can't hold the queues, which the configuration refuses. */
function addressOf(endpoint: RedisEndpoint): RedisOptions {
  const tls = tlsOf(endpoint);
  const options: RedisOptions = {
    db: endpoint.database,
    ...(endpoint.username !== null && { username: endpoint.username }),
    ...(endpoint.password !== null && { password: endpoint.password }),
    ...(tls !== null && { tls }),
  };
  if (endpoint.mode !== 'sentinel') return { ...endpoint.nodes[0]!, ...options };
  return {
    ...options,
    sentinels: [...endpoint.nodes],
    name: endpoint.sentinelName!,
    sentinelRetryStrategy: retryStrategy,
    enableTLSForSentinelMode: endpoint.tls,
    // A master that has become a replica refuses writes: the sentinels name the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function tlsOf({ tls, tlsCaFile }: RedisEndpoint): RedisOptions['tls'] | null {
  if (!tls) return null;
  return tlsCaFile === null ? {} : { ca: readFileSync(tlsCaFile) };
}
