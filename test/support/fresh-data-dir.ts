import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';

const ROOT = resolve(import.meta.dirname, '../..');
const MIGRATIONS = 'libs/persistence/src/migrations';
const PREFIX = 'devflowfix-template-';
const KEEP_TEMPLATES_MS = 24 * 60 * 60_000;

export interface FreshDataDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** A data directory whose database is made and migrated: a copy of a template, a second instead of four. */
export async function freshDataDir(): Promise<FreshDataDir> {
  const template = await templateDir();
  const path = await mkdtemp(join(tmpdir(), 'devflowfix-test-'));
  await cp(template, join(path, 'postgres'), { recursive: true });
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function templateDir(): Promise<string> {
  const template = join(tmpdir(), PREFIX + (await templateKey()));
  if (existsSync(template)) return template;
  await removeOldTemplates();
  const scratch = await mkdtemp(join(tmpdir(), `${PREFIX}draft-`));
  const persistence = await openPersistence(loadConfig({ DATA_DIR: scratch, LOG_LEVEL: 'silent' }));
  await persistence.close();
  try {
    await rename(join(scratch, 'postgres'), template);
  } catch (error) {
    // Another test process was faster with the same.
    if (!existsSync(template)) throw error;
  }
  await rm(scratch, { recursive: true, force: true });
  return template;
}

/** Changes with whatever decides how a fresh, migrated database looks. */
async function templateKey(): Promise<string> {
  const migrations = (await readdir(join(ROOT, MIGRATIONS))).map((name) => join(MIGRATIONS, name));
  const sources = ['package-lock.json', 'libs/persistence/src/embedded/pglite-session.ts', ...migrations];
  const hash = createHash('sha256');
  for (const source of sources.toSorted()) hash.update(await readFile(join(ROOT, source)));
  return hash.digest('hex').slice(0, 16);
}

async function removeOldTemplates(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(tmpdir(), name);
    const made = await stat(path).catch(() => null);
    if (made && Date.now() - made.mtimeMs > KEEP_TEMPLATES_MS)
      await rm(path, { recursive: true, force: true });
  }
}
