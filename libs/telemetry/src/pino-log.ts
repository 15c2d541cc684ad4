import { Log, type LogFields } from '@app/domain';
import { pino, type Logger } from 'pino';

/** Field names whose values never reach the log, at any depth that the product uses. */
const SECRET_PATHS = ['authorization', 'apiKey', 'token', 'secret', 'password', 'cookie'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

export class PinoLog implements Log {
  constructor(private readonly logger: Logger) {}

  static create(options: { level: string; name?: string }): PinoLog {
    return new PinoLog(
      pino({
        level: options.level,
        base: options.name ? { app: options.name } : {},
        messageKey: 'event',
        timestamp: pino.stdTimeFunctions.isoTime,
        redact: { paths: SECRET_PATHS, censor: '[secret]' },
        formatters: { level: (label) => ({ level: label }) },
      }),
    );
  }

  debug(fields: LogFields, event: string): void {
    this.logger.debug(fields, event);
  }

  info(fields: LogFields, event: string): void {
    this.logger.info(fields, event);
  }

  warn(fields: LogFields, event: string): void {
    this.logger.warn(fields, event);
  }

  error(fields: LogFields, event: string): void {
    this.logger.error(fields, event);
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.logger.child(fields));
  }
}
