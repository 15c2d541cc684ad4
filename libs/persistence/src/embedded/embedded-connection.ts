import type { Socket } from 'node:net';
import type { EmbeddedHost, EmbeddedHostOptions } from './embedded-host.js';

/** A way to the embedded database of a data directory. It outlives the process that hosts the database. */
export interface EmbeddedConnection {
  /** Directory of the host's unix socket: what `pg` takes as its host. */
  readonly socketDir: string;
  /** The server while this process hosts it; null while another one does. */
  readonly host: EmbeddedHost | null;
  /** A socket for `pg`, which connects to whoever hosts the database by then, and waits while nobody does. */
  createSocket(): Socket;
  /** Closes the server if this process hosts it. */
  close(): Promise<void>;
}

export interface EmbeddedOptions extends EmbeddedHostOptions {
  /** How long to wait for the process that has the directory to answer. Default 60 s. */
  readonly waitForHostMs?: number;
}
