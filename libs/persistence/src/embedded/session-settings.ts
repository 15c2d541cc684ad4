import { readRows } from './reply.js';
import { query, type ServerError } from './wire-protocol.js';

export type Settings = ReadonlyMap<string, string>;

/** One PostgreSQL session: runs frontend messages to their end and gives what the backend answered. */
export interface BackendSession {
  execute(messages: Buffer): Buffer;
}

/** Shown as the session's after a `SET TRANSACTION`, over with that transaction, and refused by RESET. */
const OF_TRANSACTION = `'transaction_isolation', 'transaction_read_only', 'transaction_deferrable'`;

/** Keeps each client's settings (`SET`, `set_config`, start-up options) apart in the one session. */
export class SessionSettings {
  private current: Settings = new Map();

  constructor(private readonly session: BackendSession) {}

  /** Gives the session the settings. Null, or the error of the one that the server refuses. */
  apply(wanted: Settings): ServerError | null {
    if (wanted === this.current) return null;
    const resets = [...this.current.keys()].filter((name) => !wanted.has(name));
    const changes = [...wanted].filter(([name, value]) => this.current.get(name) !== value);
    if (resets.length === 0 && changes.length === 0) {
      this.current = wanted;
      return null;
    }
    const statements = [
      ...resets.map((name) => `RESET ${name.split('.').map(quoteIdentifier).join('.')}`),
      ...changes.map(
        ([name, value]) => `SELECT set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, false)`,
      ),
    ];
    const { error } = readRows(this.session.execute(query(statements.join('; '))));
    // One text is one transaction: where a setting is refused, none was changed.
    if (error)
      return { severity: 'FATAL', code: error['C'] ?? 'XX000', message: error['M'] ?? 'unknown error' };
    this.current = wanted;
    return null;
  }

  /** The settings that the session has now, after a client changed some. */
  read(): Settings {
    const { rows } = readRows(
      this.session.execute(
        query(
          `SELECT name, setting FROM pg_settings WHERE source = 'session' AND name NOT IN (${OF_TRANSACTION})`,
        ),
      ),
    );
    this.current = new Map(rows as [string, string][]);
    return this.current;
  }
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteLiteral(value: string): string {
  const quoted = value.replaceAll("'", "''");
  return value.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}
