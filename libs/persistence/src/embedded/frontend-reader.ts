import { BatchBuilder, type Batch } from './batch.js';
import { FrameReader, MalformedMessage } from './frame-reader.js';
import { readStartupMessage, type StartupMessage } from './startup-message.js';
import { rulesOf, type Refusal } from './statement-rules.js';
import { cstrings, message, PROTOCOL_MAJOR, readCstring, REQUEST_CODE } from './wire-protocol.js';

/** What a client asks for, in its order. */
export type Request =
  | { readonly kind: 'encryption' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  | { readonly kind: 'startup'; readonly startup: StartupMessage }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'terminate' };

/** Messages after which a client waits: Query, Sync, Flush, FunctionCall. */
const ENDS_BATCH = new Set(['Q', 'S', 'H', 'F']);
/** COPY data and its ends: a server outside of a COPY ignores them, and none is ever begun here. */
const COPY_MESSAGES = new Set(['d', 'c', 'f']);

/**
 * Turns a client's bytes into requests. Named prepared statements get names of their own in the shared session, and
 * statements that can't be kept apart become ones that raise an error, so that the server itself treats what follows
 * as it treats any failed statement.
 */
export class FrontendReader {
  private readonly frames: FrameReader;
  private readonly builder = new BatchBuilder();
  private started = false;
  /** By the client's name for it. */
  private readonly statements = new Map<string, string>();
  /** Texts of the named ones, by the client's name. */
  private readonly texts = new Map<string, string>();
  private namesGiven = 0;

  constructor(
    private readonly clientId: number,
    maxMessageBytes: number,
  ) {
    this.frames = new FrameReader(maxMessageBytes);
  }

  /** The session's names of the client's prepared statements. */
  get statementNames(): readonly string[] {
    return [...this.statements.values()];
  }

  /** @throws MalformedMessage */
  *read(chunk: Buffer): Generator<Request> {
    this.frames.push(chunk);
    for (;;) {
      const frame = this.frames.next(this.started ? 1 : 0);
      if (frame === null) return;
      const request = this.started ? this.readMessage(frame) : this.readOpening(frame);
      if (request) yield request;
    }
  }

  private readOpening(frame: Buffer): Request {
    if (frame.length < 8) throw new MalformedMessage('a start-up message without a version');
    const code = frame.readInt32BE(4);
    if (code === REQUEST_CODE.ssl || code === REQUEST_CODE.gssEncryption) return { kind: 'encryption' };
    if (code === REQUEST_CODE.cancel && frame.length >= 16) {
      return { kind: 'cancel', processId: frame.readInt32BE(8), secret: frame.readInt32BE(12) };
    }
    if (code >> 16 !== PROTOCOL_MAJOR) throw new MalformedMessage(`unsupported protocol ${code >> 16}`);
    this.started = true;
    return { kind: 'startup', startup: readStartupMessage(frame.subarray(8), code & 0xffff) };
  }

  private readMessage(frame: Buffer): Request | null {
    const type = String.fromCharCode(frame[0]!);
    const body = frame.subarray(5);
    if (type === 'X') return { kind: 'terminate' };
    if (COPY_MESSAGES.has(type)) return null;
    if (type === 'Q') this.addQuery(frame, body);
    else if (type === 'P') this.addParse(body);
    else if (type === 'B') this.addBind(frame, body);
    else if ((type === 'D' || type === 'C') && body[0] === 0x53) this.addStatementTarget(type, body);
    else this.builder.add(frame);
    return ENDS_BATCH.has(type) ? { kind: 'batch', batch: this.builder.finish(type) } : null;
  }

  private addQuery(frame: Buffer, body: Buffer): void {
    const given = readCstring(body, 0).text;
    const sql = this.accept(given);
    this.builder.addSimpleQuery(sql === given ? frame : message('Q', cstrings(sql)));
  }

  private addParse(body: Buffer): void {
    const name = readCstring(body, 0);
    const given = readCstring(body, name.next);
    if (name.text !== '') this.texts.set(name.text, given.text);
    const parse = message(
      'P',
      cstrings(this.nameOf(name.text), this.accept(given.text)),
      body.subarray(given.next),
    );
    if (name.text === '') this.builder.addUnnamedParse(parse);
    else this.builder.add(parse);
  }

  private addBind(frame: Buffer, body: Buffer): void {
    const portal = readCstring(body, 0);
    const statement = readCstring(body, portal.next);
    if (statement.text === '') {
      this.builder.usedUnnamed();
      this.builder.add(frame);
    } else {
      this.builder.sawText(this.texts.get(statement.text) ?? '');
      const names = cstrings(portal.text, this.nameOf(statement.text));
      this.builder.add(message('B', names, body.subarray(statement.next)));
    }
  }

  /** Describe or Close of a prepared statement. */
  private addStatementTarget(type: string, body: Buffer): void {
    const { text: name } = readCstring(body, 1);
    if (name === '' && type === 'D') this.builder.usedUnnamed();
    this.builder.add(message(type, Buffer.from('S'), cstrings(this.nameOf(name))));
    if (type === 'C') {
      this.statements.delete(name);
      this.texts.delete(name);
    }
  }

  /** Numbered, since names end at 63 bytes in the server. */
  private nameOf(name: string): string {
    if (name === '') return '';
    let own = this.statements.get(name);
    if (own === undefined) {
      own = `client_${this.clientId}_${(this.namesGiven += 1)}`;
      this.statements.set(name, own);
    }
    return own;
  }

  private accept(sql: string): string {
    const rules = rulesOf(sql);
    if (rules.refusal) return raising(rules.refusal);
    this.builder.sawStatement(rules);
    this.builder.sawText(sql);
    return rules.sql;
  }
}

function raising({ reason, hint }: Refusal): string {
  return `DO $refused$ BEGIN RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = '${reason}', HINT = '${hint}'; END $refused$`;
}
