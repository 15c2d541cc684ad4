import type { EmbeddedConnection } from './embedded/embedded-connection.js';
import { EMBEDDED_DATABASE, EMBEDDED_USER } from './embedded/greeting.js';
import { SOCKET_PORT } from './embedded/socket-dir.js';
import type { LivePoolConfig } from './live-pool.js';

/** How long a query waits for a connection before the database counts as away. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Where the database is: at a server's URL, or with whoever hosts the embedded one. */
export type DatabaseTarget =
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'embedded'; readonly connection: EmbeddedConnection };

/** What a `pg` pool needs to reach the database. */
export function poolConfigOf(target: DatabaseTarget): LivePoolConfig {
  const shared = { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true };
  return target.kind === 'server'
    ? { ...shared, connectionString: target.url }
    : {
        ...shared,
        host: target.connection.socketDir,
        port: SOCKET_PORT,
        // Asked for every new connection, which so follow the database to the process that hosts it by then.
        stream: () => target.connection.createSocket(),
        isGuest: () => target.connection.host === null,
        user: EMBEDDED_USER,
        database: EMBEDDED_DATABASE,
      };
}
