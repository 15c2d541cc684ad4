import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@app/config';
import { Pool } from 'pg';
import { QUEUE_POOL_OPTIONS, type QueueBackend } from '@app/queue';
import { connectEmbedded, type EmbeddedConnection } from '@app/persistence';
import { silentLog } from '../fakes/recording-log.js';
import { TcpProxy } from './tcp-proxy.js';

/** A place for queues that is empty at first, and a network before it that can be broken. */
export interface BackendUnderTest {
  readonly backend: QueueBackend;
  readonly network: TcpProxy;
  close(): Promise<void>;
}

/** @param url a Redis shared with other tests: the queues get a prefix of their own */
export async function redisBackend(url: string): Promise<BackendUnderTest> {
  const network = await TcpProxy.before(url);
  const endpoint = loadConfig({ REDIS_URL: network.urlFor(url) }).redis!;
  return {
    backend: { kind: 'redis', endpoint, prefix: `test-${randomUUID()}` },
    network,
    close: () => network.cut(),
  };
}

/** One embedded PostgreSQL for many tests, since making it takes seconds; each of them begins without a queue. */
export class EmbeddedQueues {
  private constructor(
    private readonly dataDir: string,
    private readonly database: EmbeddedConnection,
  ) {}

  static async start(): Promise<EmbeddedQueues> {
    const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-queue-'));
    return new EmbeddedQueues(dataDir, await connectEmbedded(dataDir, silentLog()));
  }

  /** Where other processes reach it. */
  get socketDir(): string {
    return this.database.socketDir;
  }

  /** PGlite behind its multiplexer, as the product runs it, without a trace of earlier queues. */
  async backend(): Promise<BackendUnderTest> {
    const network = await TcpProxy.to({ path: join(this.database.socketDir, '.s.PGSQL.5432') });
    const address = { host: '127.0.0.1', port: network.port, user: 'postgres', database: 'postgres' };
    const pool = new Pool({ ...address, ...QUEUE_POOL_OPTIONS });
    await pool.query('DROP SCHEMA IF EXISTS bullmq CASCADE');
    return {
      backend: { kind: 'postgres', pool },
      network,
      close: async () => {
        await pool.end();
        await network.cut();
      },
    };
  }

  async close(): Promise<void> {
    await this.database.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
