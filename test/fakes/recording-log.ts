import { Log, type LogFields } from '@app/domain';

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

/** Keeps what was logged, its children's entries too, for assertions on events and their fields. */
export class RecordingLog implements Log {
  constructor(
    private readonly bound: LogFields = {},
    readonly entries: LogEntry[] = [],
  ) {}

  /** The fields of every entry of an event, in order. */
  of(event: string): LogFields[] {
    return this.entries.filter((entry) => entry.event === event).map((entry) => entry.fields);
  }

  debug(fields: LogFields, event: string): void {
    this.add('debug', fields, event);
  }

  info(fields: LogFields, event: string): void {
    this.add('info', fields, event);
  }

  warn(fields: LogFields, event: string): void {
    this.add('warn', fields, event);
  }

  error(fields: LogFields, event: string): void {
    this.add('error', fields, event);
  }

  child(fields: LogFields): Log {
    return new RecordingLog({ ...this.bound, ...fields }, this.entries);
  }

  private add(level: LogEntry['level'], fields: LogFields, event: string): void {
    this.entries.push({ level, event, fields: { ...this.bound, ...fields } });
  }
}

/** A log for tests that don't look at it. */
export function silentLog(): Log {
  return new RecordingLog();
}
