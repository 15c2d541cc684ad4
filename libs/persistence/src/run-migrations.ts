import { ExternalFailure } from '@app/domain';
import { MigrationExecutor, type DataSource } from 'typeorm';
import { isAway, translate } from './database-errors.js';

/** Any constant that nothing else on the server uses: “devflowf” as a number. */
const MIGRATION_LOCK = 0x64_65_76_66;

/**
 * Brings the database to this version's schema, all or nothing. Processes that start together take turns, and those
 * that come later find nothing left to do. Returns the names of the migrations that ran.
 * @throws ExternalFailure `database_migration_failed`, or `database_away` when the connection was lost
 */
export async function runMigrations(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    // The transaction is the one begun above, which the lock ends with.
    executor.transaction = 'none';
    const ran = await executor.executePendingMigrations();
    await runner.commitTransaction();
    return ran.map(({ name }) => name);
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw explain(error as Error);
  } finally {
    await runner.release();
  }
}

function explain(error: Error): ExternalFailure {
  const translated = translate(error);
  if (isAway(translated)) return translated;
  const hint = /extension "vector"/.test(error.message)
    ? ' The database needs pgvector: install it on the server (the image pgvector/pgvector has it) and let the user create extensions, or have an administrator run CREATE EXTENSION vector.'
    : '';
  return new ExternalFailure(`The database could not be brought up to date: ${error.message}.${hint}`, {
    code: 'database_migration_failed',
    retryable: false,
    cause: error,
  });
}
