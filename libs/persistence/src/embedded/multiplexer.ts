import type { Duplex } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { DatabaseFigures } from '../database-figures.js';
import type { Batch } from './batch.js';
import { Client } from './client.js';
import { greeting, refusalOfStartup } from './greeting.js';
import { readReply, readRows } from './reply.js';
import { SessionSettings, type BackendSession } from './session-settings.js';
import type { StartupMessage } from './startup-message.js';
import {
  closeStatement,
  errorResponse,
  query,
  readyForQuery,
  sync,
  type ServerError,
} from './wire-protocol.js';

export interface MultiplexerOptions {
  /** A client that leaves a transaction open this long without a word loses it, and its connection. */
  readonly idleInTransactionMs: number;
  readonly maxMessageBytes: number;
  /** What the server calls itself at a start-up: `server_version` and the like. */
  readonly serverParameters: ReadonlyMap<string, string>;
}

const CANCELLED: ServerError = {
  severity: 'ERROR',
  code: '57014',
  message: 'canceling statement due to user request',
};

/** A client that says nothing for this long is between two pieces of work, and may be sent away. */
const QUIET_MS = 500;
const CHECK_QUIET_MS = 10;

/** So many that go first may pass who waits longest; then it is that one's turn: nobody waits for ever. */
const MAX_PASSED = 8;

const CLOSING: ServerError = {
  severity: 'FATAL',
  code: '57P01',
  message: 'terminating connection: the embedded database is closing',
};

/**
 * Serves many wire-protocol clients with one PostgreSQL session.
 *
 * - Batches run one after the other, clients in turn, and what is marked with GOES_FIRST before others. A client in a
 *   transaction owns the session until the transaction ends, so transactions are isolated by being serial; one that goes
 *   away is rolled back, one that idles is cut off.
 * - Kept apart: transactions, settings, LISTEN, prepared statements (named and unnamed), encodings other than UTF8.
 * - Refused with SQLSTATE 0A000, since it can't be kept apart: advisory locks of the session, PREPARE/EXECUTE in SQL,
 *   DISCARD, SET ROLE, and COPY FROM STDIN.
 * - Shared, since nothing here needs it otherwise: temporary tables, cursors WITH HOLD, currval/lastval.
 */
export class Multiplexer {
  /** What the clients' statements took, their waiting left out. */
  readonly figures = new DatabaseFigures();
  private readonly clients = new Set<Client>();
  /** Clients with something to be served, the longest waiting first. */
  private readonly turns = new Set<Client>();
  private readonly settings: SessionSettings;
  private owner: Client | null = null;
  /** Whose unnamed prepared statement the session holds. */
  private unnamedOwner: Client | null = null;
  private readonly waitingForFree: (() => void)[] = [];
  private idleTimer: NodeJS.Timeout | undefined;
  private isScheduled = false;
  /** How often in a row who waits longest was passed. */
  private passed = 0;
  /** Nobody is let in any more. */
  private isClosing = false;
  /** Nothing is run any more. */
  private isClosed = false;
  private nextId = 1;

  constructor(
    private readonly session: BackendSession,
    private readonly options: MultiplexerOptions,
  ) {
    this.settings = new SessionSettings({ execute: (messages) => this.executeOwn(messages) });
  }

  accept(socket: Duplex): void {
    if (this.isClosing) {
      socket.destroy();
      return;
    }
    const client = new Client(this.nextId++, socket, this.options.maxMessageBytes, {
      work: (ready) => {
        this.turns.add(ready);
        this.schedule();
      },
      cancel: (processId, secret) => this.cancel(processId, secret),
    });
    this.clients.add(client);
  }

  /**
   * Runs a statement of the host's own as soon as no transaction is open. Returns the rows as text.
   * @throws Error with the server's message
   */
  async maintain(sql: string): Promise<(string | null)[][]> {
    while (this.owner) await new Promise<void>((resolve) => this.waitingForFree.push(resolve));
    this.settings.apply(new Map());
    const { error, rows } = readRows(this.executeOwn(query(sql)));
    if (error) throw new Error(`${sql}: ${error['M']}`);
    return rows;
  }

  /**
   * Sends every client away as soon as it rests, so that the next host finds their work done rather than cut. Who is
   * still busy after `limitMs` loses its transaction and its connection.
   */
  async close(limitMs: number): Promise<void> {
    this.isClosing = true;
    const deadline = performance.now() + limitMs;
    while (this.clients.size > 0 && performance.now() < deadline) {
      for (const client of this.clients) {
        if (client !== this.owner && !client.isWaiting && client.quietMs >= QUIET_MS) client.close();
      }
      await after(CHECK_QUIET_MS);
    }
    this.cutOffAll();
  }

  /**
   * Only who waits for an answer is told why: an error that nobody asked for would hit a client that is just saying
   * good-bye.
   */
  private cutOffAll(): void {
    this.isClosed = true;
    clearTimeout(this.idleTimer);
    if (this.owner) this.rollBack();
    for (const client of this.clients) {
      if (client === this.owner || client.isWaiting) client.fail(CLOSING);
      else client.close();
    }
    this.clients.clear();
    this.turns.clear();
  }

  private serveNext(): void {
    if (this.isClosed) return;
    const client = this.nextClient();
    if (!client) return;
    this.turns.delete(client);
    const request = client.next();
    if (request.kind === 'batch') this.run(client, request.batch);
    else if (request.kind === 'startup') this.welcome(client, request.startup);
    else this.remove(client);

    if (client.canBeServed) this.turns.add(client);
    if (this.turns.size > 0) this.schedule();
  }

  /** Sockets are read between any two batches, so that a busy client can't keep others from being heard. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.serveNext();
    });
  }

  private nextClient(): Client | null {
    if (this.owner) return this.owner.canBeServed ? this.owner : null;
    let longest: Client | null = null;
    for (const client of this.turns) {
      if (!client.canBeServed) {
        this.turns.delete(client);
        continue;
      }
      longest ??= client;
      if (this.passed >= MAX_PASSED) break;
      if (client.goesFirst) {
        this.passed = client === longest ? 0 : this.passed + 1;
        return client;
      }
    }
    this.passed = 0;
    return longest;
  }

  private welcome(client: Client, startup: StartupMessage): void {
    const refusal = refusalOfStartup(startup) ?? this.settings.apply(startup.settings);
    if (refusal) {
      client.fail(refusal);
      return;
    }
    client.settings = startup.settings;
    client.send(greeting(client, startup, this.options.serverParameters));
  }

  private run(client: Client, batch: Batch): void {
    clearTimeout(this.idleTimer);
    if (!this.owner) this.settings.apply(client.settings);
    const { prefix, isPrefixAnswer } = this.restoreUnnamed(client, batch);
    this.rememberUnnamed(client, batch);
    client.pendingSubscriptions.push(...batch.subscriptions);
    client.settingsMayHaveChanged ||= batch.mayChangeSettings;

    const startedAt = performance.now();
    const output = this.session.execute(prefix ? Buffer.concat([prefix, batch.bytes]) : batch.bytes);
    this.figures.add(batch.sql, performance.now() - startedAt);
    const reply = readReply(output, (channel) => client.listens.has(channel), isPrefixAnswer);
    if (reply.status === 'I') {
      this.settle(client, reply.error !== null || reply.lastCommand === 'ROLLBACK');
      this.release();
    } else {
      this.owner = client;
      this.idleTimer = setTimeout(() => this.cutOff(client), this.options.idleInTransactionMs);
    }
    client.send(reply.toClient);
    for (const { channel, bytes } of reply.notifications) {
      for (const other of this.clients) {
        if (other !== client && other.listens.has(channel)) other.send(bytes);
      }
    }
  }

  /** What must run first for a batch that goes on with an unnamed statement of an earlier one. */
  private restoreUnnamed(
    client: Client,
    batch: Batch,
  ): { prefix: Buffer | null; isPrefixAnswer: string | null } {
    if (!batch.usesEarlierUnnamed || this.unnamedOwner === client)
      return { prefix: null, isPrefixAnswer: null };
    return client.unnamedParse
      ? { prefix: client.unnamedParse, isPrefixAnswer: '1' }
      : { prefix: closeStatement(''), isPrefixAnswer: '3' };
  }

  private rememberUnnamed(client: Client, batch: Batch): void {
    if (batch.hasSimpleQuery) client.unnamedParse = null;
    if (batch.unnamedParse) client.unnamedParse = batch.unnamedParse;
    if (batch.hasSimpleQuery || batch.unnamedParse || batch.usesEarlierUnnamed) {
      this.unnamedOwner = client.unnamedParse ? client : null;
    }
  }

  /** Makes what a transaction, now over, did to subscriptions and settings the client's own. */
  private settle(client: Client, undone: boolean): void {
    if (!undone) {
      for (const { action, channel } of client.pendingSubscriptions) {
        if (action === 'listen') client.listens.add(channel);
        else if (channel === '*') client.listens.clear();
        else client.listens.delete(channel);
      }
    }
    client.pendingSubscriptions = [];
    if (client.settingsMayHaveChanged) {
      client.settings = this.settings.read();
      client.settingsMayHaveChanged = false;
    }
  }

  private release(): void {
    this.owner = null;
    for (const resolve of this.waitingForFree.splice(0)) resolve();
  }

  private cutOff(client: Client): void {
    client.fail({
      severity: 'FATAL',
      code: '25P03',
      message: `terminating connection: idle in a transaction for ${this.options.idleInTransactionMs} ms`,
      hint: 'All clients of the embedded database wait for an open transaction: keep them short.',
    });
  }

  private remove(client: Client): void {
    this.clients.delete(client);
    this.turns.delete(client);
    if (this.owner === client) {
      this.rollBack();
      this.settle(client, true);
      this.release();
    }
    if (client.statementNames.length > 0) {
      this.session.execute(Buffer.concat([...client.statementNames.map(closeStatement), sync()]));
    }
    client.close();
  }

  private rollBack(): void {
    clearTimeout(this.idleTimer);
    // Sync ends a batch that was left in its middle; without one it does nothing.
    this.executeOwn(Buffer.concat([sync(), query('ROLLBACK')]));
  }

  /** Simple queries of the multiplexer's own drop the unnamed prepared statement, as any do. */
  private executeOwn(messages: Buffer): Buffer {
    this.unnamedOwner = null;
    return this.session.execute(messages);
  }

  /** A statement that runs can't be stopped; one that waits for its turn is answered as cancelled. */
  private cancel(processId: number, secret: number): void {
    const client = [...this.clients].find(({ id }) => id === processId);
    if (client?.secret === secret && client !== this.owner && client.withdrawBatch()) {
      client.send(Buffer.concat([errorResponse(CANCELLED), readyForQuery('I')]));
    }
  }
}
