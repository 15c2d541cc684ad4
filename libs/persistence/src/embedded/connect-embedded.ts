import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Log } from '@app/domain';
import { DataDirInUse, DataDirLock } from './data-dir-lock.js';
import { EmbeddedHost, type EmbeddedHostOptions } from './embedded-host.js';
import { SOCKET_FILE } from './socket-dir.js';

/** A fresh database takes seconds to make; whoever waits for another process's waits this long. */
const WAIT_FOR_HOST_MS = 60_000;
const RETRY_MS = 50;

/** A way to the embedded database of a data directory. */
export interface EmbeddedConnection {
  /** Directory of the unix socket: what `pg` takes as its host. */
  readonly socketDir: string;
  /** The server when this process hosts it; null when another one does. */
  readonly host: EmbeddedHost | null;
  /** Closes the server if this process hosts it. */
  close(): Promise<void>;
}

export interface EmbeddedOptions extends EmbeddedHostOptions {
  /** How long to wait for the process that has the directory to answer. Default 60 s. */
  readonly waitForHostMs?: number;
}

/**
 * Connects to the process that has the data directory open, or becomes that process.
 * @throws DataDirInUse when the other process does not answer
 */
export async function connectEmbedded(
  dataDir: string,
  log: Log,
  options: EmbeddedOptions = {},
): Promise<EmbeddedConnection> {
  const deadline = performance.now() + (options.waitForHostMs ?? WAIT_FOR_HOST_MS);
  for (;;) {
    try {
      const host = await EmbeddedHost.start(dataDir, log, options);
      return { socketDir: host.socketDir, host, close: () => host.close() };
    } catch (error) {
      if (!(error instanceof DataDirInUse)) throw error;
      const socketDir = await answeringSocket(dataDir, deadline);
      if (socketDir !== null) return { socketDir, host: null, close: async () => undefined };
      if (performance.now() >= deadline) throw error;
    }
  }
}

/** The holder's socket once it answers; null when the holder is gone or the time is over. */
async function answeringSocket(dataDir: string, deadline: number): Promise<string | null> {
  while (performance.now() < deadline) {
    const holder = DataDirLock.holderOf(dataDir);
    if (!holder) return null;
    if (await answers(join(holder.socketDir, SOCKET_FILE))) return holder.socketDir;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return null;
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
