import type { Config } from '@app/config';
import type { EventBus, Lock, Log } from '@app/domain';
import { RedisConnection } from '../redis/redis-connection.js';
import { InProcessEventBus } from './in-process-event-bus.js';
import { InProcessLock } from './in-process-lock.js';
import { RedisEventBus } from './redis-event-bus.js';
import { RedisLock } from './redis-lock.js';

/** Locks and announcements decide more than a cache miss does: they may wait longer for an answer. */
const DEADLINE_MS = 1_000;

export interface CoordinationHandle {
  readonly lock: Lock;
  readonly eventBus: EventBus;
  close(): Promise<void>;
}

/** Lock and event bus between processes when a Redis is configured, otherwise within this one. Returns at once. */
export function createCoordination(config: Pick<Config, 'redis' | 'cache'>, log: Log): CoordinationHandle {
  const { redis, cache } = config;
  const ownLog = log.child({ part: 'coordination' });
  if (redis === null)
    return {
      lock: new InProcessLock(),
      eventBus: new InProcessEventBus(ownLog),
      close: async () => undefined,
    };
  const connection = new RedisConnection(redis, DEADLINE_MS, ownLog);
  const listening = new RedisConnection(redis, DEADLINE_MS, log.child({ part: 'event_subscriptions' }));
  return {
    lock: new RedisLock(connection, cache.prefix, ownLog),
    eventBus: new RedisEventBus(connection, listening, cache.prefix, ownLog),
    close: async () => void (await Promise.all([connection.close(), listening.close()])),
  };
}
