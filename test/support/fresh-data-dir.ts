import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';

const ROOT = resolve(import.meta.dirname, '../..');
/** What decides how a fresh, migrated database looks. */
const SOURCES = ['libs/persistence/src/migrations', 'libs/persistence/src/embedded'];

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
  const template = join(tmpdir(), `devflowfix-template-${await templateKey()}`);
  if (existsSync(template)) return template;
  const scratch = await mkdtemp(join(tmpdir(), 'devflowfix-template-draft-'));
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

async function templateKey(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(ROOT, 'package-lock.json')));
  for (const source of SOURCES) {
    const files = (await readdir(join(ROOT, source))).filter((name) => !name.endsWith('.spec.ts')).toSorted();
    for (const file of files) hash.update(await readFile(join(ROOT, source, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
