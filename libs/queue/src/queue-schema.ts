import { DEFAULT_SCHEMA, runMigrations } from 'bullmq';
import type { Pool } from 'pg';
import { SteadyPool } from './steady-pool.js';

/**
 * What a pool for the queues must be made with, besides where the server is. BullMQ's statements name no schema, so
 * each connection's search path does. Every worker keeps one connection for LISTEN; the rest serve short statements.
 */
export const QUEUE_POOL_OPTIONS = {
  options: `-c search_path=${DEFAULT_SCHEMA}`,
  max: 8,
  keepAlive: true,
} as const;

/**
 * Creates or updates BullMQ's tables and functions. Safe to run at every start and in several processes at once.
 * @throws Error when the pool's connections don't look into BullMQ's schema
 */
export async function prepareQueueSchema(pool: Pool): Promise<void> {
  const client = await new SteadyPool(pool).connect();
  try {
    const { rows } = await client.query<{ path: string }>(`SELECT current_setting('search_path') AS path`);
    const path = rows[0]?.path ?? '';
    if (!path.split(/\s*,\s*/).includes(DEFAULT_SCHEMA))
      throw new Error(
        `The queue's connections look into “${path}” instead of “${DEFAULT_SCHEMA}”: make the pool with QUEUE_POOL_OPTIONS.`,
      );
    await runMigrations(client, DEFAULT_SCHEMA);
  } finally {
    client.release();
  }
}
