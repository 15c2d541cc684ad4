import { existsSync, renameSync, rmSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { settleReplacement } from './database-dir.js';
import type { BackendSession } from './session-settings.js';
import { EMBEDDED_DATABASE, EMBEDDED_USER } from './greeting.js';
import { cstrings, messagesIn, readCstring } from './wire-protocol.js';

/** On top of PGlite's own: one small database needs neither a gigabyte of log nor 128 MB of buffers. */
const SERVER_SETTINGS = ['max_wal_size=64MB', 'min_wal_size=32MB', 'shared_buffers=64MB'];

/**
 * The PGlite database of a directory. What is committed survives the death of the process (it is in the kernel's
 * hands), not that of the machine: PGlite runs with fsync off.
 */
export class PgliteSession implements BackendSession {
  private constructor(
    private readonly database: PGlite,
    /** What the server says about itself at a start-up: `server_version`, `TimeZone` … */
    readonly serverParameters: ReadonlyMap<string, string>,
  ) {}

  static async open(directory: string): Promise<PgliteSession> {
    settleReplacement(directory);
    if (!existsSync(`${directory}/PG_VERSION`)) await createDatabase(directory);
    const database = await openPglite(directory);
    const answer = execute(database, startupMessage());
    const parameters = [...messagesIn(answer)]
      .filter(({ type }) => type === 'S')
      .map(({ body }): [string, string] => {
        const name = readCstring(body, 0);
        return [name.text, readCstring(body, name.next).text];
      });
    return new PgliteSession(database, new Map(parameters));
  }

  execute(messages: Buffer): Buffer {
    return execute(this.database, messages);
  }

  async close(): Promise<void> {
    await this.database.close();
  }
}

/** Aside first, then moved into place at once: a process killed meanwhile leaves no half-made database. */
async function createDatabase(directory: string): Promise<void> {
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
  const database = await openPglite(draft);
  await database.close();
  renameSync(draft, directory);
}

async function openPglite(directory: string): Promise<PGlite> {
  return PGlite.create(directory, {
    extensions: { vector },
    // A quarter of the usual size: less to write before the first start is over.
    initDbStartParams: ['--wal-segsize=4'],
    startParams: [...PGlite.defaultStartParams, ...SERVER_SETTINGS.flatMap((setting) => ['-c', setting])],
  });
}

/** Not `execProtocolRaw`, which parses each answer and keeps every message it parsed. */
function execute(database: PGlite, messages: Buffer): Buffer {
  const answers: Buffer[] = [];
  // Runs to its end before it returns; the promise is that of a file system which is synced by hand, and this is not.
  void database.execProtocolRawStream(messages, {
    syncToFs: false,
    onRawData: (data) => void answers.push(Buffer.from(data)),
  });
  return Buffer.concat(answers);
}

function startupMessage(): Buffer {
  const parameters = cstrings('user', EMBEDDED_USER, 'database', EMBEDDED_DATABASE, '');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, parameters]);
}
