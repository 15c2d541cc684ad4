import { freshDataDir } from './fresh-data-dir.js';
import { createServerDatabase } from './server-database.js';

/** What `loadConfig` needs to reach an empty database of the product, and how it is thrown away. */
export interface FreshStore {
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** The server that tests were given a URL of (`npm run test:server`); null: they use the embedded database. */
export function givenServer(): string | null {
  return process.env['TEST_DATABASE_URL'] || null;
}

/** A database of the test's own: on the given server, or embedded. */
export async function freshStore(): Promise<FreshStore> {
  const serverUrl = givenServer();
  if (serverUrl === null) {
    const { path, remove } = await freshDataDir();
    return { environment: { DATA_DIR: path }, remove };
  }
  const { url, remove } = await createServerDatabase(serverUrl);
  return { environment: { DATABASE_URL: url }, remove };
}
