import type { Config, RedisEndpoint } from '@app/config';
import type { Pool } from 'pg';

/** Where BullMQ keeps its jobs. */
export type QueueBackend =
  | {
      readonly kind: 'redis';
      readonly endpoint: RedisEndpoint;
      /** What every key of the queues begins with. */
      readonly prefix: string;
    }
  | {
      readonly kind: 'postgres';
      /** Made with QUEUE_POOL_OPTIONS; its owner closes it, after the queue. */
      readonly pool: Pool;
    };

/**
 * The backend that the configuration asks for: Redis when it has an address, otherwise PostgreSQL.
 * @param createPool called only when PostgreSQL serves
 */
export async function queueBackend(
  config: Pick<Config, 'redis' | 'cache'>,
  createPool: () => Pool | Promise<Pool>,
): Promise<QueueBackend> {
  if (config.redis !== null)
    return { kind: 'redis', endpoint: config.redis, prefix: `${config.cache.prefix}:queue` };
  return { kind: 'postgres', pool: await createPool() };
}
