/**
 * Work that several callers wait for together. It is given up when the last of them gives up, and not before: one that
 * leaves takes nothing from the others.
 */
export class SharedWork<T> {
  private readonly controller = new AbortController();
  private readonly result: Promise<T>;
  private waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.result = work(this.controller.signal);
    // Whoever waits gets the error; nobody may be waiting any more.
    this.result.catch(() => undefined);
  }

  /** Whether it was given up, and must be begun anew. */
  get isGivenUp(): boolean {
    return this.controller.signal.aborted;
  }

  /** @throws what the work throws; `signal`'s reason */
  async wait(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.waiting += 1;
    let isSettled = false;
    const left = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    try {
      const settled = this.result.finally(() => (isSettled = true));
      return await (signal ? Promise.race([settled, left]) : settled);
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0 && !isSettled) this.controller.abort(signal?.reason);
    }
  }

  /** What came of it, for whoever tidies up; null when nothing did. */
  async outcome(): Promise<T | null> {
    return this.result.catch(() => null);
  }

  /** Is told when it fails. */
  onFailure(tell: (error: unknown) => void): void {
    this.result.catch(tell);
  }
}
