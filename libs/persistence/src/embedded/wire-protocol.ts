/**
 * Framing of the PostgreSQL wire protocol, version 3: what the multiplexer reads and writes of it.
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

/** Codes that stand where a start-up message has its protocol version. */
export const REQUEST_CODE = { cancel: 80_877_102, ssl: 80_877_103, gssEncryption: 80_877_104 } as const;
export const PROTOCOL_MAJOR = 3;

/** What a ReadyForQuery message says: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** One message with its type byte and length. */
export interface Message {
  readonly type: string;
  /** The whole message. */
  readonly bytes: Buffer;
  /** What follows type and length. */
  readonly body: Buffer;
}

const HEADER_BYTES = 5;

export function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  bytes.write(type, 0, 'latin1');
  bytes.writeInt32BE(4 + body.length, 1);
  body.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** Strings as the protocol has them, each ended by a zero byte. */
export function cstrings(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(''));
}

/** The zero-ended string at `from`, and where the next field begins. */
export function readCstring(body: Buffer, from: number): { text: string; next: number } {
  const end = body.indexOf(0, from);
  if (end === -1) return { text: body.toString('utf8', from), next: body.length };
  return { text: body.toString('utf8', from, end), next: end + 1 };
}

export function query(sql: string): Buffer {
  return message('Q', cstrings(sql));
}

export function sync(): Buffer {
  return message('S');
}

export function closeStatement(name: string): Buffer {
  return message('C', Buffer.from('S'), cstrings(name));
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return message('Z', Buffer.from(status));
}

export function parameterStatus(name: string, value: string): Buffer {
  return message('S', cstrings(name, value));
}

export interface ServerError {
  readonly severity: 'ERROR' | 'FATAL';
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export function errorResponse(error: ServerError): Buffer {
  const fields = [`S${error.severity}`, `V${error.severity}`, `C${error.code}`, `M${error.message}`];
  if (error.hint !== undefined) fields.push(`H${error.hint}`);
  return message('E', cstrings(...fields), Buffer.alloc(1));
}

/** Fields of an ErrorResponse by their letter: `C` the SQLSTATE, `M` the message. */
export function errorFields(body: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < body.length && body[at] !== 0;) {
    const letter = String.fromCharCode(body[at]!);
    const { text, next } = readCstring(body, at + 1);
    fields[letter] = text;
    at = next;
  }
  return fields;
}

/** The values of a DataRow in text format. */
export function rowValues(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let column = 0; column < body.readInt16BE(0); column++) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length === -1 ? null : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return values;
}

/** Whole messages one after the other, as a backend's output is. */
export function* messagesIn(bytes: Buffer): Generator<Message> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + bytes.readInt32BE(at + 1);
    yield {
      type: String.fromCharCode(bytes[at]!),
      bytes: bytes.subarray(at, at + length),
      body: bytes.subarray(at + HEADER_BYTES, at + length),
    };
    at += length;
  }
}
