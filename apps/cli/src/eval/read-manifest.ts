import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InvalidInput } from '@app/domain';
import { parseManifest, type ManifestRow } from '@app/log-analysis';

/** A label and the log it speaks of. */
export interface LabelledLog {
  readonly row: ManifestRow;
  /** @throws InvalidInput when it isn't there. */
  readonly read: () => Promise<Buffer>;
}

/**
 * The labelled logs of a manifest; the logs themselves stand in `logs/` beside it and are read one at a time.
 * @throws InvalidInput for a manifest that isn't there or says too little.
 */
export async function readManifest(path: string): Promise<LabelledLog[]> {
  const folder = join(dirname(resolve(path)), 'logs');
  const text = await readText(path);
  return parseManifest(text).map((row) => ({ row, read: () => readLog(join(folder, row.file), row.file) }));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new InvalidInput(`${path} can't be read; give the path of a manifest`, { path }, { cause });
  }
}

async function readLog(path: string, file: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new InvalidInput(
      `the manifest lists ${file}, but logs/${file} beside it can't be read`,
      { file },
      { cause },
    );
  }
}
