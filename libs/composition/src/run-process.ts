import { InvalidConfiguration, loadConfig, type Config } from '@app/config';
import { DomainError, ExternalFailure, type Log } from '@app/domain';
import { DataDirInUse } from '@app/persistence';
import { PinoLog } from '@app/telemetry';

/** After this long a shutdown that hangs is ended by force. */
const SHUTDOWN_LIMIT_MS = 25_000;

export interface ProcessContext {
  readonly config: Config;
  readonly log: Log;
}

/**
 * Runs one process of the product: configuration, logger, start, and an orderly end at SIGTERM or SIGINT (a second
 * signal ends it at once). A start that fails says why in one place and exits with 1.
 */
export async function runProcess(
  name: string,
  start: (context: ProcessContext) => Promise<{ close(): Promise<unknown> }>,
): Promise<void> {
  let log: Log | null = null;
  try {
    const config = loadConfig();
    log = PinoLog.create({ level: config.log.level, name });
    const context: ProcessContext = { config, log };
    const app = await start(context);
    endAtSignal(app, log);
    log.info({ pid: process.pid, node: process.version }, 'process_started');
  } catch (error) {
    explain(error, log);
    process.exit(1);
  }
}

function endAtSignal(app: { close(): Promise<unknown> }, log: Log): void {
  let closing = false;
  const end = (signal: NodeJS.Signals) => {
    if (closing) process.exit(1);
    closing = true;
    log.info({ signal }, 'process_stopping');
    setTimeout(() => {
      log.error({ limitMs: SHUTDOWN_LIMIT_MS }, 'shutdown_forced');
      process.exit(1);
    }, SHUTDOWN_LIMIT_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error: String(error) }, 'shutdown_failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function explain(error: unknown, log: Log | null): void {
  // These are written for whoever starts the product; a stack would say nothing more.
  const isPlain =
    error instanceof InvalidConfiguration ||
    error instanceof DataDirInUse ||
    (error instanceof DomainError && !(error instanceof ExternalFailure));
  if (isPlain || !log) {
    process.stderr.write(`${(error as Error).message}\n`);
    return;
  }
  const { message, stack, cause } = error as Error;
  log.error(
    { error: message, cause: cause instanceof Error ? cause.message : undefined, stack },
    'start_failed',
  );
}
