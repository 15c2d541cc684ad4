import { DomainError, ExternalFailure } from '@app/domain';

/** SQLSTATE classes and codes that say the server can't be reached or can't serve: connection, resources, shutdown. */
const AWAY_SQLSTATE = /^(?:08|53|57P0|25P03|28)/;
const AWAY_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
]);
/** Errors of pg, pg-pool and TypeORM that carry no code. */
const AWAY_MESSAGE =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|connection error|connection is not established|not queryable|after calling end on the pool|driver not connected/i;
const AWAY = 'database_away';
/** The server ended, or the way to it did, after a statement was sent. */
const LOST_CODES = new Set(['57P01', '57P02', '08003', '08006', 'ECONNRESET', 'EPIPE']);
const LOST_MESSAGE = /connection terminated(?! due to connection timeout)|not queryable/i;
const CONFLICT_SQLSTATE = new Set(['40001', '40P01']);

/** The SQLSTATE or system code of an error, wherever the layers above `pg` have put it. */
export function codeOf(error: unknown): string | undefined {
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  const found = driverError?.code ?? code;
  return typeof found === 'string' ? found : undefined;
}

/** The constraint that an error names. */
export function constraintOf(error: unknown): string | undefined {
  return (error as { driverError?: { constraint?: string } }).driverError?.constraint;
}

/** Two transactions got in each other's way; the same one may succeed right away. */
export function isConflict(error: unknown): boolean {
  return CONFLICT_SQLSTATE.has(codeOf(error) ?? '');
}

/** A connection that stood was lost: whether its statement was run is not known. */
export function isLostConnection(error: unknown): boolean {
  return LOST_CODES.has(codeOf(error) ?? '') || LOST_MESSAGE.test((error as Error).message);
}

/** What a caller is told: connection trouble as `database_away`, anything else as it is. */
export function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const code = codeOf(error);
  const message = (error as Error).message;
  const saysAway =
    (code !== undefined && (AWAY_SQLSTATE.test(code) || AWAY_SYSTEM_CODES.has(code))) ||
    AWAY_MESSAGE.test(message);
  if (!saysAway) return error;
  return new ExternalFailure(`The database is away: ${message}`, {
    code: AWAY,
    retryable: true,
    cause: error,
    facts: code === undefined ? {} : { databaseCode: code },
  });
}

/** A translated error says that the database can't be reached. */
export function isAway(translated: unknown): translated is ExternalFailure {
  return translated instanceof ExternalFailure && translated.code === AWAY;
}
