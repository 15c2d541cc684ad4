import { access, constants } from 'node:fs/promises';
import { DomainError, type Log } from '@app/domain';
import type { Config } from '@app/config';
import { inspectDatabase, type DatabaseInspection } from '@app/persistence';
import { failed, ok, skipped, warning, type Check, type Finding } from './check.js';

/** The database: whether it answers, has pgvector, and has this version's schema. Nothing is changed. */
export function databasePart(
  config: Config,
  log: Log,
): { readonly checks: Check[]; readonly found: () => DatabaseInspection | null } {
  let found: DatabaseInspection | null = null;
  const checks: Check[] = [
    {
      name: 'database: reachable',
      run: async () => {
        if (config.database.url === null && !(await isWritable(config.dataDir)))
          return skipped('its data directory is not writable');
        try {
          found = await inspectDatabase(config, log);
        } catch (error) {
          return unreachable(error as Error, config);
        }
        const where = found.mode === 'embedded' ? 'embedded' : addressOf(config.database.url!);
        return ok(`PostgreSQL ${found.version}, ${where}`);
      },
    },
    { name: 'database: pgvector', run: async () => (found ? pgvectorOf(found) : skipped('not reachable')) },
    { name: 'database: schema', run: async () => (found ? schemaOf(found) : skipped('not reachable')) },
  ];
  return { checks, found: () => found };
}

function pgvectorOf({ pgvector, pgvectorAvailable }: DatabaseInspection): Finding {
  if (pgvector !== null) return ok(`pgvector ${pgvector}`);
  if (pgvectorAvailable !== null)
    return ok(`pgvector ${pgvectorAvailable}, installed in the database by migrate`);
  return failed(
    'pgvector_missing',
    'the server has no pgvector',
    'Install pgvector on the server; the image pgvector/pgvector has it.',
  );
}

function schemaOf({ pendingMigrations }: DatabaseInspection): Finding {
  if (pendingMigrations === 0) return ok('of this version');
  return warning(
    'migrations_pending',
    `${pendingMigrations} migrations have not run`,
    'npm run cli -- migrate; every start of the product runs them too.',
  );
}

function unreachable(error: Error, { database }: Config): Finding {
  const problem = error instanceof DomainError ? error.code : 'database_away';
  if (database.url === null)
    return failed(
      problem,
      hushed(error.message, ''),
      'Stop the process that has the data directory and doesn’t answer, or name another folder in DATA_DIR.',
    );
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  const { password } = new URL(database.url);
  const detail = `${addressOf(database.url)}: ${hushed(cause.message || String(code), password)}`;
  return failed(
    problem,
    detail,
    MENDS[code ?? ''] ?? 'Check that DATABASE_URL names a PostgreSQL that runs.',
  );
}

/** By system code or SQLSTATE. */
const MENDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Start PostgreSQL, or correct the host and port in DATABASE_URL.',
  ENOTFOUND: 'Correct the host name in DATABASE_URL.',
  '28P01': 'Correct the user and password in DATABASE_URL (special characters percent-encoded).',
  '28000': 'Correct the user in DATABASE_URL, or let pg_hba.conf accept it.',
  '3D000': 'Create the database (createdb NAME), or correct its name at the end of DATABASE_URL.',
};

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Without user, password and parameters. */
function addressOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `postgres://${host}${pathname}`;
}

function hushed(text: string, password: string): string {
  if (password === '') return text;
  return text.replaceAll(password, '***').replaceAll(decodeURIComponent(password), '***');
}
