import { join } from 'node:path';
import type { Log } from '@app/domain';
import { connectEmbedded, type EmbeddedConnection, type EmbeddedOptions } from '@app/persistence';
import { Client, Pool, type ClientConfig, type PoolConfig } from 'pg';
import { freshDataDir, type FreshDataDir } from '../../support/fresh-data-dir.js';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** The embedded server on a directory of its own, with `pg` clients that reach it as any process would. */
export class EmbeddedServer {
  private readonly clients: Client[] = [];
  private readonly pools: Pool[] = [];

  private constructor(
    readonly dir: FreshDataDir,
    readonly connection: EmbeddedConnection,
  ) {}

  static async start(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
    const dir = await freshDataDir();
    return new EmbeddedServer(dir, await connectEmbedded(dir.path, silentLog, options));
  }

  get socketPath(): string {
    return join(this.connection.socketDir, '.s.PGSQL.5432');
  }

  get config(): ClientConfig {
    return { host: this.connection.socketDir, port: 5432, user: 'postgres', database: 'postgres' };
  }

  async client(config: ClientConfig = {}): Promise<Client> {
    const client = new Client({ ...this.config, ...config });
    // A connection that the server ends is what some tests are about; those look at their queries.
    client.on('error', () => undefined);
    await client.connect();
    this.clients.push(client);
    return client;
  }

  pool(config: PoolConfig = {}): Pool {
    const pool = new Pool({ ...this.config, ...config });
    this.pools.push(pool);
    return pool;
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end().catch(() => undefined)));
    await Promise.all(this.pools.map((pool) => (pool.ended ? undefined : pool.end())));
    await this.connection.close();
    await this.dir.remove();
  }
}
