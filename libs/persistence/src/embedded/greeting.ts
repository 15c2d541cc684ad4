import type { Client } from './client.js';
import type { StartupMessage } from './startup-message.js';
import {
  cstrings,
  message,
  parameterStatus,
  PROTOCOL_MAJOR,
  readyForQuery,
  type ServerError,
} from './wire-protocol.js';

/** The one user and the one database of the embedded server. */
export const EMBEDDED_USER = 'postgres';
export const EMBEDDED_DATABASE = 'postgres';

export function refusalOfStartup({ user, database, problem }: StartupMessage): ServerError | null {
  if (problem !== null) return { severity: 'FATAL', code: '0A000', message: problem };
  if (user !== EMBEDDED_USER) {
    return {
      severity: 'FATAL',
      code: '28000',
      message: `role "${user}" does not exist; use ${EMBEDDED_USER}`,
    };
  }
  if (database !== EMBEDDED_DATABASE) {
    return {
      severity: 'FATAL',
      code: '3D000',
      message: `database "${database}" does not exist; use ${EMBEDDED_DATABASE}`,
    };
  }
  return null;
}

/** What a server says to a client that it takes: no password, since the socket's file decides who reaches it. */
export function greeting(
  client: Client,
  startup: StartupMessage,
  serverParameters: ReadonlyMap<string, string>,
): Buffer {
  const authenticationOk = message('R', Buffer.alloc(4));
  const keys = Buffer.alloc(8);
  keys.writeInt32BE(client.id, 0);
  keys.writeInt32BE(client.secret, 4);
  const parameters = [...serverParameters].map(([name, value]) =>
    parameterStatus(name, startup.settings.get(name) ?? value),
  );
  const needsNegotiation = startup.minorVersion > 0 || startup.protocolOptions.length > 0;
  return Buffer.concat([
    ...(needsNegotiation ? [negotiation(startup.protocolOptions)] : []),
    authenticationOk,
    ...parameters,
    message('K', keys),
    readyForQuery('I'),
  ]);
}

/** Version 3.0 is what is spoken, whatever minor version and options were asked for. */
function negotiation(unknownOptions: readonly string[]): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeInt32BE(PROTOCOL_MAJOR << 16, 0);
  numbers.writeInt32BE(unknownOptions.length, 4);
  return message('v', numbers, cstrings(...unknownOptions));
}
