export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: fields first, then a constant event name. Never secrets, never log text of users. */
export abstract class Log {
  abstract debug(fields: LogFields, event: string): void;
  abstract info(fields: LogFields, event: string): void;
  abstract warn(fields: LogFields, event: string): void;
  abstract error(fields: LogFields, event: string): void;
  /** A logger whose every entry carries the fields. */
  abstract child(fields: LogFields): Log;
}
