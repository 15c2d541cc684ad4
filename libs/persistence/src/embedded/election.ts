import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Log } from '@app/domain';
import { DataDirInUse, DataDirLock } from './data-dir-lock.js';
import { EmbeddedHost, type EmbeddedHostOptions } from './embedded-host.js';
import { SOCKET_FILE } from './socket-dir.js';

const RETRY_MS = 50;

/** Who hosts the database of a data directory, as one of its processes sees it. */
export interface Seat {
  /** Directory of the host's unix socket. */
  readonly socketDir: string;
  /** The server when this process hosts it; null when another one does. */
  readonly host: EmbeddedHost | null;
  /** An idle connection to the other process, which ends when that one does; null when this process hosts. */
  readonly link: Socket | null;
}

export interface ElectionOptions extends EmbeddedHostOptions {
  /** How long a process that has the directory may take to answer: a fresh database takes seconds to make. */
  readonly waitForHostMs: number;
  /** Ends the election; it is not looked at while this process starts the server. */
  readonly signal: AbortSignal;
}

/**
 * Finds the host of a data directory, or makes this process the host when there is none. Of any number of processes
 * that ask at once the lock file lets one through, and the others find that one.
 * @throws DataDirInUse when the process that has the directory does not answer
 */
export async function elect(dataDir: string, log: Log, options: ElectionOptions): Promise<Seat> {
  const deadline = performance.now() + options.waitForHostMs;
  for (;;) {
    try {
      const host = await EmbeddedHost.start(dataDir, log, options);
      return { socketDir: host.socketDir, host, link: null };
    } catch (error) {
      if (!(error instanceof DataDirInUse)) throw error;
      const guest = await guestSeat(dataDir, deadline, options.signal);
      if (guest) return guest;
      if (performance.now() >= deadline) throw error;
    }
  }
}

/** Whether the socket of `socketDir` takes connections now. */
export async function answers(socketDir: string): Promise<boolean> {
  const socket = await connectTo(socketDir);
  socket?.destroy();
  return socket !== null;
}

/** Waits until the holder of the directory answers; null when it is gone or the time is over. */
async function guestSeat(dataDir: string, deadline: number, signal: AbortSignal): Promise<Seat | null> {
  while (performance.now() < deadline) {
    const holder = DataDirLock.holderOf(dataDir);
    if (!holder) return null;
    const link = await connectTo(holder.socketDir);
    if (link) return { socketDir: holder.socketDir, host: null, link };
    await after(RETRY_MS, undefined, { signal });
  }
  return null;
}

function connectTo(socketDir: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection(join(socketDir, SOCKET_FILE));
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(null));
  });
}
