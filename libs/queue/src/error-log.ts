import type { Log } from '@app/domain';

const REPEAT_AFTER_MS = 30_000;

/** Logs what goes on failing once every half minute: clients report each attempt to reach a server that is away. */
export function repeatedErrorLog(
  log: Log,
  event: string,
  now = () => performance.now(),
): (error: Error) => void {
  const loggedAt = new Map<string, number>();
  return (error) => {
    const message = error.message === '' ? error.name : error.message;
    if (now() - (loggedAt.get(message) ?? -Infinity) < REPEAT_AFTER_MS) return;
    loggedAt.set(message, now());
    log.warn({ error: message }, event);
  };
}
