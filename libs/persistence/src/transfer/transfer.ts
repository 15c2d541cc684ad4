import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SystemClock } from '@app/telemetry';
import type { DataSource } from 'typeorm';
import { Database, type Query } from '../database.js';
import { DataDirLock } from '../embedded/data-dir-lock.js';
import { DATABASE_DIR, replaceDatabase, settleReplacement } from '../embedded/database-dir.js';
import { socketDirOf } from '../embedded/socket-dir.js';
import { MIGRATIONS } from '../migrations/index.js';
import { openPersistence, type Persistence, type PersistenceConfig } from '../persistence.js';
import { BackupReader, writeBackup } from './backup-file.js';
import { withCopyAtRest, withCopyInUse } from './copy-embedded.js';
import { fillDatabase, type IncomingTable } from './fill-database.js';
import { Digesting, fixTextForms, rowsOf, type TableDigest } from './table-rows.js';
import { migrationsOf, tableShapes } from './table-shape.js';
import { BackupUnusable } from './transfer-errors.js';

/** Statements of a transfer may take as long as there is data. */
const STATEMENT_LIMIT_MS = 6 * 3_600_000;

/** Of databases that a backup is read into. */
const DRAFT_PREFIX = 'restore-';

/** What was copied, by table. */
export type Transferred = ReadonlyMap<string, TableDigest>;

/**
 * Writes everything that the database holds into a file, as it is at one moment. The product may run meanwhile. Sealed
 * secrets stay sealed, and their key is not in the file.
 */
export async function backUp(config: PersistenceConfig, path: string): Promise<Transferred> {
  return readAtOneMoment(config, async (query) => {
    const contents = {
      migrations: await migrationsOf(query),
      tables: await tableShapes(query),
      at: new Date(),
    };
    return writeBackup(path, contents, (shape) => rowsOf(query, shape));
  });
}

/**
 * Reads a backup into the database server of `DATABASE_URL`, which must be empty, or else in the place of the embedded
 * database, which no process may have open. What that held before is kept beside it.
 * @throws BackupUnusable, DataDirInUse, TargetNotEmpty, TransferMismatch; nothing was changed then
 */
export async function restore(
  config: PersistenceConfig,
  path: string,
): Promise<{ readonly tables: Transferred; readonly before: string | null }> {
  await check(path);
  if (config.database.url !== null) return { tables: await load(config, path), before: null };
  // Held to the end, so that no process opens what is being replaced.
  const lock = DataDirLock.acquire(config.dataDir, socketDirOf(config.dataDir));
  try {
    await removeDrafts(config.dataDir);
    const draft = await mkdtemp(join(config.dataDir, DRAFT_PREFIX));
    const tables = await load({ ...config, dataDir: draft }, path);
    const place = join(config.dataDir, DATABASE_DIR);
    settleReplacement(place);
    const before = existsSync(place)
      ? `${place}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
      : null;
    replaceDatabase(place, join(draft, DATABASE_DIR), before);
    return { tables, before };
  } finally {
    await removeDrafts(config.dataDir);
    lock.release();
  }
}

/**
 * Copies everything from the embedded database, which no process may have open, into an empty one of a server, in one
 * transaction there, and compares every table. The embedded one is left as it is.
 * @throws DataDirInUse, TargetNotEmpty, TransferMismatch; nothing was kept in the target then
 */
export async function moveToServer(config: PersistenceConfig, url: string): Promise<Transferred> {
  const target = { ...config, database: { ...config.database, url } };
  // Held to the end: what a process accepted meanwhile would stay behind.
  return withCopyAtRest(config.dataDir, (dataDir) =>
    withDatabase({ ...config, dataDir }, (source) =>
      withDatabase(target, ({ dataSource }) =>
        snapshot(source.dataSource, (from) =>
          databaseOf(dataSource).transaction((into) => fillDatabase(into, tablesOf(from))),
        ),
      ),
    ),
  );
}

/** Those that a killed process left, too: who has the lock is alone. */
async function removeDrafts(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(DRAFT_PREFIX));
  for (const name of names) await rm(join(dataDir, name), { recursive: true, force: true });
}

/** Reads a backup to its end before anything is opened. @throws BackupUnusable */
async function check(path: string): Promise<void> {
  const backup = await BackupReader.open(path);
  try {
    assertSameVersion(
      backup.header.migrations,
      MIGRATIONS.map(({ name }) => name),
    );
    for await (const { batches } of backup.tables()) for await (const _ of batches);
  } finally {
    backup.close();
  }
}

async function load(config: PersistenceConfig, path: string): Promise<Transferred> {
  const backup = await BackupReader.open(path);
  try {
    return await withDatabase(config, ({ dataSource }) =>
      databaseOf(dataSource).transaction((query) => fillDatabase(query, backup.tables())),
    );
  } finally {
    backup.close();
  }
}

/** @throws BackupUnusable */
function assertSameVersion(theirs: readonly string[], ours: readonly string[]): void {
  const newer = theirs.filter((name) => !ours.includes(name));
  const missing = ours.filter((name) => !theirs.includes(name));
  if (newer.length === 0 && missing.length === 0) return;
  const [which, advice] =
    newer.length > 0
      ? ['a newer', 'Update the product, then restore it.']
      : [
          'an older',
          'Restore it with that version; a later one brings the database up to date when it starts.',
        ];
  throw new BackupUnusable(
    `The backup is of ${which} version of the product (${[...newer, ...missing].join(', ')}). ${advice} Nothing was changed.`,
    'backup_of_other_version',
  );
}

async function* tablesOf(query: Query): AsyncGenerator<IncomingTable> {
  for (const shape of await tableShapes(query)) {
    const digesting = new Digesting();
    async function* batches() {
      for await (const batch of rowsOf(query, shape)) {
        for (const row of batch) digesting.add(row);
        yield batch;
      }
    }
    yield { shape, batches: batches(), digest: () => digesting.end() };
  }
}

/** Reads the database as it is at one moment: the embedded one, whose session others wait for, from a copy. */
async function readAtOneMoment<T>(config: PersistenceConfig, work: (query: Query) => Promise<T>): Promise<T> {
  if (config.database.url !== null)
    return withDatabase(config, ({ dataSource }) => snapshot(dataSource, work));
  return withCopyInUse(config.dataDir, (dataDir) =>
    withDatabase({ ...config, dataDir }, ({ dataSource }) => snapshot(dataSource, work)),
  );
}

async function snapshot<T>(dataSource: DataSource, work: (query: Query) => Promise<T>): Promise<T> {
  return databaseOf(dataSource).transaction(async (query) => {
    await query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await fixTextForms(query);
    return work(query);
  });
}

function databaseOf(dataSource: DataSource): Database {
  return new Database(dataSource, new SystemClock());
}

async function withDatabase<T>(
  config: PersistenceConfig,
  work: (persistence: Persistence) => Promise<T>,
): Promise<T> {
  const persistence = await openPersistence(config, { queryTimeoutMs: STATEMENT_LIMIT_MS });
  try {
    return await work(persistence);
  } finally {
    await persistence.close();
  }
}
