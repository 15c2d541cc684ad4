import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '@app/config';
import { failed, ok, skipped, warning, type Check, type Finding } from './check.js';

/** The embedded database stops when its disk is full. */
const LEAST_FREE_BYTES = 500_000_000;

/** Whether the embedded database may keep its files. */
export function dataDirectoryPart({ dataDir, database }: Config): Check[] {
  return [
    {
      name: 'data directory',
      run: async () =>
        database.url === null ? probe(dataDir) : skipped('not needed: the database is a server'),
    },
  ];
}

async function probe(dataDir: string): Promise<Finding> {
  const file = join(dataDir, `.doctor-${crypto.randomUUID()}`);
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, 'x');
    await rm(file);
  } catch (error) {
    return failed(
      'data_directory_not_writable',
      `${dataDir}: ${(error as Error).message}`,
      'Let the product’s user write there, or name another folder in DATA_DIR.',
    );
  }
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${dataDir} is writable, ${(free / 1e9).toFixed(1)} GB free`;
  if (free >= LEAST_FREE_BYTES) return ok(detail);
  return warning(
    'disk_nearly_full',
    detail,
    'Free disk space, or name a folder on another disk in DATA_DIR.',
  );
}
