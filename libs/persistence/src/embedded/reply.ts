import { errorFields, messagesIn, readCstring, rowValues, type TransactionStatus } from './wire-protocol.js';

/** A backend's output to one batch, read. */
export interface Reply {
  /** What the client is to get. */
  readonly toClient: Buffer;
  /** As the last ReadyForQuery says; null when the batch ended without one. */
  readonly status: TransactionStatus | null;
  /** The first word of the last command's tag: `SELECT`, `ROLLBACK` … */
  readonly lastCommand: string | null;
  /** Fields of the first error; null when there is none. */
  readonly error: Record<string, string> | null;
  readonly notifications: readonly { readonly channel: string; readonly bytes: Buffer }[];
}

/**
 * Reads a backend's output. Notifications leave the client's part unless it listens for them; a first message of the
 * type `dropFirst` leaves it too: it answers what was put before the client's own messages.
 */
export function readReply(
  output: Buffer,
  listensTo: (channel: string) => boolean,
  dropFirst: string | null = null,
): Reply {
  const kept: Buffer[] = [];
  const notifications: { channel: string; bytes: Buffer }[] = [];
  let keptUntil = 0;
  let at = 0;
  let status: TransactionStatus | null = null;
  let lastCommand: string | null = null;
  let error: Record<string, string> | null = null;
  for (const { type, bytes, body } of messagesIn(output)) {
    let isForClient = !(at === 0 && type === dropFirst);
    if (type === 'Z') status = String.fromCharCode(body[0]!) as TransactionStatus;
    else if (type === 'C') lastCommand = readCstring(body, 0).text.split(' ', 1)[0]!;
    else if (type === 'E') error ??= errorFields(body);
    else if (type === 'A') {
      const channel = readCstring(body, 4).text;
      notifications.push({ channel, bytes });
      isForClient = listensTo(channel);
    }
    if (!isForClient) {
      kept.push(output.subarray(keptUntil, at));
      keptUntil = at + bytes.length;
    }
    at += bytes.length;
  }
  kept.push(output.subarray(keptUntil));
  return {
    toClient: kept.length === 1 ? kept[0]! : Buffer.concat(kept),
    status,
    lastCommand,
    error,
    notifications,
  };
}

/** The rows of a simple query's answer as text, and the fields of its error. */
export function readRows(output: Buffer): {
  rows: (string | null)[][];
  error: Record<string, string> | null;
} {
  const messages = [...messagesIn(output)];
  const failure = messages.find(({ type }) => type === 'E');
  return {
    rows: messages.filter(({ type }) => type === 'D').map(({ body }) => rowValues(body)),
    error: failure ? errorFields(failure.body) : null,
  };
}
