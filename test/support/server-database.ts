import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database of its own on a PostgreSQL server. */
export interface ServerDatabase {
  readonly url: string;
  remove(): Promise<void>;
}

/** Makes an empty database on the server, which must have pgvector and let its user make databases. */
export async function createServerDatabase(serverUrl: string): Promise<ServerDatabase> {
  const name = `devflowfix_test_${randomBytes(6).toString('hex')}`;
  const run = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return { url: url.href, remove: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}
