import type { PoolConfig } from 'pg';
import { EMBEDDED_DATABASE, EMBEDDED_USER } from './embedded/greeting.js';
import { SOCKET_PORT } from './embedded/socket-dir.js';

/** How long a query waits for a connection before the database counts as away. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Where the database is: a server's URL, or the socket directory of an embedded one. */
export type DatabaseTarget =
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'embedded'; readonly socketDir: string };

/** What a `pg` pool needs to reach the database. */
export function poolConfigOf(target: DatabaseTarget): PoolConfig {
  const shared = { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true };
  return target.kind === 'server'
    ? { ...shared, connectionString: target.url }
    : {
        ...shared,
        host: target.socketDir,
        port: SOCKET_PORT,
        user: EMBEDDED_USER,
        database: EMBEDDED_DATABASE,
      };
}
