/** A call took longer than it may. */
export class DeadlineExceeded extends Error {
  constructor(deadlineMs: number) {
    super(`No answer within ${deadlineMs} ms.`);
    this.name = 'DeadlineExceeded';
  }
}

/** A call that is under way. */
export interface Waiting {
  readonly startedAt: number;
  readonly expire: (late: DeadlineExceeded) => void;
}

/**
 * The deadline of calls that may all take equally long. They end in the order in which they began, so one timer for
 * the oldest does for all, and is set once a deadline instead of once a call.
 */
export class Deadlines {
  /** Oldest first. */
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly deadlineMs: number) {}

  begin(expire: (late: DeadlineExceeded) => void): Waiting {
    const call = { startedAt: performance.now(), expire };
    this.waiting.add(call);
    if (this.timer === null) this.lookIn(this.deadlineMs);
    return call;
  }

  /** False when it has expired before. */
  end(call: Waiting): boolean {
    return this.waiting.delete(call);
  }

  private lookIn(ms: number): void {
    this.timer = setTimeout(() => this.look(), ms).unref();
  }

  /**
   * An answer that has arrived counts even when the event loop was too busy to see it in time: timers run before
   * sockets are read, so the deadline gives the sockets one more turn.
   */
  private look(): void {
    this.timer = null;
    const now = performance.now();
    const late: Waiting[] = [];
    for (const call of this.waiting) {
      const leftMs = call.startedAt + this.deadlineMs - now;
      if (leftMs > 0) {
        this.lookIn(Math.ceil(leftMs));
        break;
      }
      late.push(call);
    }
    if (late.length > 0) setImmediate(() => setImmediate(() => this.expire(late)));
  }

  private expire(late: readonly Waiting[]): void {
    for (const call of late)
      if (this.waiting.delete(call)) call.expire(new DeadlineExceeded(this.deadlineMs));
  }
}

/** The promise's outcome, or DeadlineExceeded. */
export function withDeadline<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadlines = new Deadlines(deadlineMs);
    const call = deadlines.begin(reject);
    const ended = (): boolean => deadlines.end(call);
    answer.then(resolve, reject).finally(ended);
  });
}
