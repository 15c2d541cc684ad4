import { ExternalFailure } from '@app/domain';

export interface LineLimits {
  /** How many may wait for their turn. */
  readonly maxWaiting: number;
  /** How long each may wait. */
  readonly maxWaitMs: number;
}

/** One reads at a time, the others wait in line: few, and not for long, since with each of them a request waits. */
export class ReadingLine {
  private isReading = false;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly limits: LineLimits) {}

  /** @throws ExternalFailure `reader_busy` when the line is full or its turn doesn't come in time; what `read` throws */
  async run<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.turn(signal);
    try {
      return await read();
    } finally {
      this.next();
    }
  }

  private async turn(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.isReading) {
      this.isReading = true;
      return;
    }
    if (this.waiting.size >= this.limits.maxWaiting) throw this.busy();
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        clearTimeout(overdue);
        signal?.removeEventListener('abort', gone);
        this.waiting.delete(begin);
      };
      const begin = () => {
        leave();
        resolve();
      };
      const refuse = (error: Error) => {
        leave();
        reject(error);
      };
      const gone = () => refuse(signal!.reason as Error);
      const overdue = setTimeout(() => refuse(this.busy()), this.limits.maxWaitMs);
      signal?.addEventListener('abort', gone);
      this.waiting.add(begin);
    });
  }

  private next(): void {
    const [begin] = this.waiting;
    if (begin) begin();
    else this.isReading = false;
  }

  private busy(): ExternalFailure {
    const { maxWaitMs } = this.limits;
    return new ExternalFailure(
      `Other documents are being read, one after the other. Send this one again in ${Math.ceil(maxWaitMs / 1_000)} s.`,
      { code: 'reader_busy', retryable: true, retryAfterMs: maxWaitMs },
    );
  }
}
