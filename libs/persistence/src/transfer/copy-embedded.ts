import { constants, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput } from '@app/domain';
import { PinoLog } from '@app/telemetry';
import pg from 'pg';
import { isAway, translate } from '../database-errors.js';
import { poolConfigOf } from '../database-target.js';
import { connectEmbedded } from '../embedded/connect-embedded.js';
import { DataDirLock } from '../embedded/data-dir-lock.js';
import { DATABASE_DIR, settleReplacement } from '../embedded/database-dir.js';
import { socketDirOf } from '../embedded/socket-dir.js';

const COPY_PREFIX = 'copy-';
/** Whoever made such a copy was killed: none is read for longer. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;
/** A transaction that idles is cut off; this says that it doesn't. */
const SIGN_OF_LIFE_MS = 2_000;
/** How often copying begins anew because the host went away. */
const MAX_TRIES = 3;

/**
 * Gives `work` a data directory with a copy of the embedded database as it is at one moment, and removes it afterwards.
 * Others wait while files are copied (on some file systems no time at all), not while the copy is read.
 * @throws DataDirInUse, ExternalFailure `database_away`
 */
export async function withCopyInUse<T>(dataDir: string, work: (copy: string) => Promise<T>): Promise<T> {
  return withCopy(dataDir, (copy) => copyAmongOthers(dataDir, copy), work);
}

/**
 * The same of a database that no process has open, nor opens until `work` is done.
 * @throws DataDirInUse; InvalidInput when there is none
 */
export async function withCopyAtRest<T>(dataDir: string, work: (copy: string) => Promise<T>): Promise<T> {
  const from = join(dataDir, DATABASE_DIR);
  const none = new InvalidInput(`There is no embedded database in ${dataDir}.`, { dataDir });
  if (!existsSync(dataDir)) throw none;
  const lock = DataDirLock.acquire(dataDir, socketDirOf(dataDir));
  try {
    settleReplacement(from);
    if (!existsSync(from)) throw none;
    return await withCopy(dataDir, (copy) => copyFiles(from, join(copy, DATABASE_DIR)), work);
  } finally {
    lock.release();
  }
}

async function withCopy<T>(
  dataDir: string,
  fill: (copy: string) => Promise<void>,
  work: (copy: string) => Promise<T>,
): Promise<T> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await removeAbandoned(dataDir);
  const copy = await mkdtemp(join(dataDir, COPY_PREFIX));
  try {
    await fill(copy);
    return await work(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function copyAmongOthers(dataDir: string, copy: string): Promise<void> {
  const connection = await connectEmbedded(dataDir, PinoLog.create({ level: 'silent' }));
  try {
    for (let tries = 1; ; tries++) {
      const client = new pg.Client(poolConfigOf({ kind: 'embedded', connection }));
      client.on('error', () => undefined);
      try {
        await client.connect();
        await alone(client, () => copyFiles(join(dataDir, DATABASE_DIR), join(copy, DATABASE_DIR)));
        return;
      } catch (error) {
        const failure = translate(error);
        if (!isAway(failure) || tries >= MAX_TRIES) throw failure;
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  } finally {
    await connection.close();
  }
}

/**
 * Everything that was committed is in the files, and nothing writes to them while `work` runs: statements of others wait for
 * the transaction that is open. Rejects when it was not, to its end.
 */
async function alone(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  await client.query('CHECKPOINT');
  const signs = setInterval(() => void client.query('SELECT 1').catch(() => undefined), SIGN_OF_LIFE_MS);
  try {
    await work();
  } finally {
    clearInterval(signs);
  }
  await client.query('COMMIT');
}

async function copyFiles(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function removeAbandoned(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(COPY_PREFIX));
  for (const path of names.map((name) => join(dataDir, name))) {
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS)
      await rm(path, { recursive: true, force: true });
  }
}
