import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { MalformedMessage } from './frame-reader.js';
import { FrontendReader, type Request } from './frontend-reader.js';
import type { Settings } from './session-settings.js';
import type { Subscription } from './statement-rules.js';
import { errorResponse, type ServerError } from './wire-protocol.js';

/** Bytes of requests that may wait before the client is not read from any more. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

const NO_ENCRYPTION = Buffer.from('N');

/** What waits for its turn in the session. */
export type SessionRequest = Exclude<Request, { kind: 'encryption' | 'cancel' }>;

/** One connection: its socket, the requests it waits for, and what the shared session must not mix up. */
export class Client {
  readonly secret = randomInt(2 ** 31);
  readonly listens = new Set<string>();
  settings: Settings = new Map();
  /** LISTEN and UNLISTEN statements of a transaction that has not ended. */
  pendingSubscriptions: Subscription[] = [];
  settingsMayHaveChanged = false;
  /** The last Parse of the unnamed prepared statement that the client may still use. */
  unnamedParse: Buffer | null = null;
  private readonly waiting: SessionRequest[] = [];
  private waitingBytes = 0;
  private readonly reader: FrontendReader;
  private isGone = false;
  private heardAt = performance.now();

  constructor(
    readonly id: number,
    private readonly socket: Duplex,
    maxMessageBytes: number,
    private readonly events: {
      /** A request came, or the socket takes data again. */
      readonly work: (client: Client) => void;
      /** Somebody wants another client's statement stopped; waits for nobody's turn. */
      readonly cancel: (processId: number, secret: number) => void;
    },
  ) {
    this.reader = new FrontendReader(id, maxMessageBytes);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => events.work(this));
    // What came before the end is still run, as a server does that reads on until the end of its input.
    socket.on('end', () => this.end());
    socket.on('close', () => this.end());
    socket.on('error', () => this.end());
  }

  get statementNames(): readonly string[] {
    return this.reader.statementNames;
  }

  get isWaiting(): boolean {
    return this.waiting.length > 0 && !this.isGone;
  }

  /** Time since the client last sent something. */
  get quietMs(): number {
    return performance.now() - this.heardAt;
  }

  /** A request waits, and the answers to earlier ones are on their way. */
  get canBeServed(): boolean {
    return this.waiting.length > 0 && (this.isGone || !this.socket.writableNeedDrain);
  }

  /** What it asks for next goes before what others ask for. */
  get goesFirst(): boolean {
    const first = this.waiting[0];
    return first?.kind === 'batch' && first.batch.goesFirst;
  }

  next(): SessionRequest {
    const request = this.waiting.shift()!;
    this.waitingBytes -= sizeOf(request);
    if (this.socket.isPaused() && this.waitingBytes <= MAX_WAITING_BYTES / 2) this.socket.resume();
    return request;
  }

  /** Takes out the oldest waiting batch, which a cancel request is about; false when none waits. */
  withdrawBatch(): boolean {
    const first = this.waiting[0];
    if (first?.kind !== 'batch' || !['Q', 'S'].includes(first.batch.endsWith)) return false;
    this.next();
    return true;
  }

  send(bytes: Buffer): void {
    if (bytes.length > 0 && this.socket.writable) this.socket.write(bytes);
  }

  /** Sends a last error and closes the connection; what waits is not run. */
  fail(error: ServerError): void {
    this.waiting.length = 0;
    if (this.socket.writable) this.socket.end(errorResponse(error));
    this.end();
  }

  close(): void {
    this.socket.end();
    this.end();
  }

  private receive(chunk: Buffer): void {
    if (this.isGone) return;
    this.heardAt = performance.now();
    try {
      for (const request of this.reader.read(chunk)) this.enqueue(request);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.fail({ severity: 'FATAL', code: '08P01', message: error.message });
    }
    if (this.waitingBytes > MAX_WAITING_BYTES) this.socket.pause();
  }

  private enqueue(request: Request): void {
    if (request.kind === 'terminate') this.end();
    else if (request.kind === 'encryption') this.send(NO_ENCRYPTION);
    else if (request.kind === 'cancel') {
      this.events.cancel(request.processId, request.secret);
      this.close();
    } else {
      this.waiting.push(request);
      this.waitingBytes += sizeOf(request);
      this.events.work(this);
    }
  }

  private end(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.waiting.push({ kind: 'terminate' });
    this.events.work(this);
  }
}

function sizeOf(request: SessionRequest): number {
  return request.kind === 'batch' ? request.batch.bytes.length : 0;
}
