/** A call took longer than it may. */
export class DeadlineExceeded extends Error {
  constructor(deadlineMs: number) {
    super(`No answer within ${deadlineMs} ms.`);
    this.name = 'DeadlineExceeded';
  }
}

/**
 * The promise's outcome, or DeadlineExceeded. An answer that has arrived counts even when the event loop was too busy
 * to see it in time: timers run before sockets are read, so the deadline gives the sockets one more turn.
 */
export function withDeadline<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => setImmediate(() => setImmediate(() => reject(new DeadlineExceeded(deadlineMs)))),
      deadlineMs,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
