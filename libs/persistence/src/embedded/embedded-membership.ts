import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Log } from '@app/domain';
import type { EmbeddedConnection, EmbeddedOptions } from './embedded-connection.js';
import { answers, elect, type ElectionOptions, type Seat } from './election.js';
import type { EmbeddedHost } from './embedded-host.js';
import { EmbeddedSocket } from './embedded-socket.js';
import { SOCKET_FILE } from './socket-dir.js';

const WAIT_FOR_HOST_MS = 60_000;
const RETRY_MS = 50;

/** Nobody hosts the embedded database, and this process could not make itself the host. */
class EmbeddedDatabaseAway extends Error {
  /** SQLSTATE of a connection that could not be made. */
  readonly code = '08001';
  constructor(cause: Error) {
    super(`No process hosts the embedded database: ${cause.message}`, { cause });
    this.name = 'EmbeddedDatabaseAway';
  }
}

/**
 * A process's part in the database of a data directory, as its host or as a guest of the process that is. A guest whose
 * host goes away takes part in the election of the next one, whether it needs the database at that moment or not.
 */
export class EmbeddedMembership implements EmbeddedConnection {
  private election: Promise<void> | null = null;

  private constructor(
    private readonly dataDir: string,
    private readonly log: Log,
    private readonly options: ElectionOptions,
    private readonly leaving: AbortController,
    private seat: Seat,
  ) {
    this.watch(seat);
  }

  /** @throws DataDirInUse when the process that has the directory does not answer */
  static async join(dataDir: string, log: Log, options: EmbeddedOptions): Promise<EmbeddedMembership> {
    const leaving = new AbortController();
    const forElections = { waitForHostMs: WAIT_FOR_HOST_MS, ...options, signal: leaving.signal };
    const seat = await elect(dataDir, log, forElections);
    return new EmbeddedMembership(dataDir, log, forElections, leaving, seat);
  }

  get socketDir(): string {
    return this.seat.socketDir;
  }

  get host(): EmbeddedHost | null {
    return this.seat.host;
  }

  createSocket(): Socket {
    return new EmbeddedSocket((signal) => this.reach(signal));
  }

  async close(): Promise<void> {
    this.leaving.abort();
    // It may be just making this process the host.
    await this.election?.catch(() => undefined);
    this.seat.link?.destroy();
    await this.seat.host?.close();
  }

  /** Path of a socket that takes connections now; waits for an election that is under way or has become due. */
  private async reach(signal: AbortSignal): Promise<string> {
    for (;;) {
      await this.election;
      const { socketDir, host, link } = this.seat;
      const isSeated = host !== null || link?.destroyed === false;
      if (isSeated && (await answers(socketDir))) return join(socketDir, SOCKET_FILE);
      signal.throwIfAborted();
      this.leaving.signal.throwIfAborted();
      // A host's own thread is being started anew.
      if (host) await after(RETRY_MS, undefined, { signal });
      else await this.electAgain();
    }
  }

  private watch(seat: Seat): void {
    const { link } = seat;
    if (!link) return;
    const onClose = (): void => {
      if (this.seat !== seat || this.leaving.signal.aborted) return;
      this.log.warn({ dataDir: this.dataDir }, 'embedded_database_host_gone');
      // Logged there; whoever needs the database next tries again.
      this.electAgain().catch(() => undefined);
    };
    if (link.closed) onClose();
    else link.once('close', onClose);
    // Only a socket that is read from notices its end; the watch alone keeps no process running.
    link.resume().unref();
  }

  private electAgain(): Promise<void> {
    this.election ??= this.holdElection().finally(() => (this.election = null));
    return this.election;
  }

  private async holdElection(): Promise<void> {
    const startedAt = performance.now();
    this.seat.link?.destroy();
    try {
      this.seat = await elect(this.dataDir, this.log, this.options);
    } catch (error) {
      if (!this.leaving.signal.aborted)
        this.log.error({ error: (error as Error).message }, 'embedded_database_election_failed');
      throw new EmbeddedDatabaseAway(error as Error);
    }
    this.watch(this.seat);
    const ms = Math.round(performance.now() - startedAt);
    this.log.info({ role: this.seat.host ? 'host' : 'guest', ms }, 'embedded_database_host_elected');
  }
}
