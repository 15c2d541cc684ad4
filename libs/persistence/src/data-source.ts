import type { Log } from '@app/domain';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { poolConfigOf, type DatabaseTarget } from './database-target.js';
import { ENTITIES } from './entities/index.js';
import { LivePool } from './live-pool.js';
import { MIGRATIONS } from './migrations/index.js';
import { QueryStatsSubscriber } from './query-stats-subscriber.js';

export interface DataSourceOptions {
  readonly poolSize: number;
  /** A statement that has no answer by then fails; null waits for ever, as migrations may. */
  readonly queryTimeoutMs: number | null;
  /** pgvector's, told to each connection first: so a search costs no round trips of its own. */
  readonly vectorSettings?: Readonly<Record<string, string>>;
}

/** A DataSource that is not connected yet; its schema comes from migrations alone. */
export function createDataSource(target: DatabaseTarget, options: DataSourceOptions, log: Log): DataSource {
  return new DataSource({
    type: 'postgres',
    driver: { ...pg, Pool: LivePool },
    // pg's own options, so that the embedded server and a URL are one case.
    extra: {
      ...poolConfigOf(target),
      query_timeout: options.queryTimeoutMs ?? undefined,
      onConnect: (client: pg.ClientBase) => applySettings(client, options.vectorSettings ?? {}),
    },
    poolSize: options.poolSize,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    subscribers: [QueryStatsSubscriber],
    synchronize: false,
    migrationsRun: false,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    logging: false,
    poolErrorHandler: (error: Error) => log.warn({ error: error.message }, 'database_connection_lost'),
  });
}

async function applySettings(
  client: pg.ClientBase,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const entries = Object.entries(settings);
  if (entries.length === 0) return;
  const calls = entries.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, false)`);
  // The vector makes the session load the extension, which before that knows nothing of its settings.
  await client.query(`SELECT '[0]'::vector, ${calls.join(', ')}`, entries.flat());
}
