import type { Config } from '@app/config';
import type { Pool } from 'pg';

/** Where BullMQ keeps its jobs. */
export type QueueBackend =
  | {
      readonly kind: 'redis';
      readonly url: string;
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
  config: Pick<Config, 'redisUrl' | 'cache'>,
  createPool: () => Pool | Promise<Pool>,
): Promise<QueueBackend> {
  if (config.redisUrl !== null)
    return { kind: 'redis', url: config.redisUrl, prefix: `${config.cache.prefix}:queue` };
  return { kind: 'postgres', pool: await createPool() };
}
