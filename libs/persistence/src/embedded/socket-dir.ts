import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What PostgreSQL clients look for in a directory that is given as host: `psql -h DATA_DIR/run -U postgres` works. */
export const SOCKET_FILE = '.s.PGSQL.5432';
export const SOCKET_PORT = 5432;

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, with a zero at the end. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Where the embedded server of a data directory has its socket: in it, or in a short place when its path is too long. */
export function socketDirOf(dataDir: string): string {
  const dir = join(dataDir, 'run');
  if (Buffer.byteLength(join(dir, SOCKET_FILE)) <= MAX_SOCKET_PATH_BYTES) return dir;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(tmpdir(), `devflowfix-${userInfo().uid}-${name}`);
}

/** Makes the directory, for its owner alone: whoever reaches the socket is a superuser of the database. */
export function makeSocketDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
}
