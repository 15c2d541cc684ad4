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
}

/** A DataSource that is not connected yet; its schema comes from migrations alone. */
export function createDataSource(target: DatabaseTarget, options: DataSourceOptions, log: Log): DataSource {
  return new DataSource({
    type: 'postgres',
    driver: { ...pg, Pool: LivePool },
    // pg's own options, so that the embedded server and a URL are one case.
    extra: { ...poolConfigOf(target), query_timeout: options.queryTimeoutMs ?? undefined },
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
