import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { InvalidInput } from '@app/domain';

/**
 * The bytes of a file, or of standard input for `-`.
 * @throws InvalidInput for what isn't there or can't be read
 */
export async function readSource(path: string): Promise<AsyncIterable<Uint8Array>> {
  if (path === '-') return process.stdin;
  let info;
  try {
    info = await stat(path);
  } catch (error) {
    throw new InvalidInput(
      `can't be read (${reasonOf(error)}); give the path of a log file, or - for standard input`,
      { path },
    );
  }
  if (info.isDirectory()) throw new InvalidInput('is a folder; give the log files in it', { path });
  return createReadStream(path, { highWaterMark: 256 * 1_024 });
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return code ?? String(error);
}
