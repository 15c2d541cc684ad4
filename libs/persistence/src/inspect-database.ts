import type { Log } from '@app/domain';
import { createDataSource } from './data-source.js';
import { translate } from './database-errors.js';
import type { DatabaseTarget } from './database-target.js';
import { connectEmbedded } from './embedded/connect-embedded.js';
import { githubConnectionsOf, type GithubConnections } from './github-connections.js';
import type { PersistenceConfig } from './persistence.js';

const QUERY_TIMEOUT_MS = 10_000;

export interface DatabaseInspection {
  readonly mode: DatabaseTarget['kind'];
  /** PostgreSQL's own, for example `18.6`. */
  readonly version: string;
  /** Version of pgvector in this database; null when it isn't installed there. */
  readonly pgvector: string | null;
  /** Version of pgvector that could be installed; null when the server hasn't got it. */
  readonly pgvectorAvailable: string | null;
  /** Migrations of this version that did not run yet. */
  readonly pendingMigrations: number;
  /** Null where the schema is too old to say. */
  readonly github: GithubConnections | null;
}

/**
 * Looks at the configured database and changes nothing. (An embedded one that nobody has open is started for it.)
 * @throws ExternalFailure `database_away`
 * @throws DataDirInUse
 */
export async function inspectDatabase(config: PersistenceConfig, log: Log): Promise<DatabaseInspection> {
  const embedded = config.database.url === null ? await connectEmbedded(config.dataDir, log) : null;
  const target: DatabaseTarget = embedded
    ? { kind: 'embedded', connection: embedded }
    : { kind: 'server', url: config.database.url! };
  const dataSource = createDataSource(target, { poolSize: 2, queryTimeoutMs: QUERY_TIMEOUT_MS }, log);
  try {
    await dataSource.initialize();
    const [row] = await dataSource.query<
      { version: string; installed: string | null; available: string | null; migrated: string | null }[]
    >(`SELECT current_setting('server_version') AS version,
              (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS installed,
              (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available,
              to_regclass('migrations')::text AS migrated`);
    const ran =
      row!.migrated === null ? [] : await dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
    const names = new Set(ran.map(({ name }) => name));
    return {
      mode: target.kind,
      version: row!.version,
      pgvector: row!.installed,
      pgvectorAvailable: row!.available,
      pendingMigrations: dataSource.migrations.filter(
        ({ name, constructor }) => !names.has(name ?? constructor.name),
      ).length,
      github: await githubConnectionsOf(dataSource, new Date()),
    };
  } catch (error) {
    throw translate(error);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await embedded?.close();
  }
}
