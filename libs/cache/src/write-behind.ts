import type { Log } from '@app/domain';

export interface WriteBehindBounds {
  /** Saves that may wait; a further one is made by its caller. */
  readonly maxWaiting: number;
  readonly maxAttempts: number;
  /** Before the second attempt; doubles each time. */
  readonly firstPauseMs: number;
  /** Saves made at once. */
  readonly concurrency: number;
}

export const WRITE_BEHIND_BOUNDS: WriteBehindBounds = {
  maxWaiting: 1_000,
  maxAttempts: 5,
  firstPauseMs: 100,
  concurrency: 4,
};

interface Waiting {
  readonly name: string;
  readonly save: () => Promise<unknown>;
  /** Called when the save was given up: what is cached was never saved. */
  readonly giveUp: () => Promise<unknown>;
  attempts: number;
}

/**
 * Saves what was cached before it was saved: in the background, the newest of each name, one after another, retried.
 * Bounded, and emptied by `close`. A process that is killed loses what waits here.
 */
export class WriteBehind {
  private readonly waiting = new Map<string, Waiting>();
  /** Names being saved: two saves of one name never overlap, so that the newest is the last. */
  private readonly saving = new Map<string, Promise<void>>();
  private readonly pauses = new Set<() => void>();
  private closing = false;

  constructor(
    private readonly bounds: WriteBehindBounds,
    private readonly log: Log,
  ) {}

  /** Saves that wait or are being made. */
  get size(): number {
    return this.waiting.size + this.saving.size;
  }

  /** Resolves when the save is taken over; when the buffer is full or closed, when it was made. @throws what a save made here throws */
  async add(name: string, save: () => Promise<unknown>, giveUp: () => Promise<unknown>): Promise<void> {
    const replaces = this.waiting.has(name);
    if (!replaces && (this.closing || this.waiting.size >= this.bounds.maxWaiting)) {
      await this.saving.get(name);
      await save();
      return;
    }
    this.waiting.set(name, { name, save, giveUp, attempts: 0 });
    this.start();
  }

  /** Makes every save that waits, without pausing between attempts. */
  async close(): Promise<void> {
    this.closing = true;
    for (const wake of this.pauses) wake();
    while (this.size > 0) {
      this.start();
      await Promise.all(this.saving.values());
    }
  }

  private start(): void {
    for (const next of this.waiting.values()) {
      if (this.saving.size >= this.bounds.concurrency) return;
      if (this.saving.has(next.name)) continue;
      this.waiting.delete(next.name);
      const saving = this.save(next).finally(() => {
        this.saving.delete(next.name);
        this.start();
      });
      this.saving.set(next.name, saving);
    }
  }

  private async save(item: Waiting): Promise<void> {
    for (;;) {
      item.attempts += 1;
      try {
        await item.save();
        return;
      } catch (error) {
        // A newer value waits for the same name: this one needn't be saved any more.
        if (this.waiting.has(item.name)) return;
        if (item.attempts >= this.bounds.maxAttempts) return this.lose(item, error as Error);
        await this.pause(this.bounds.firstPauseMs * 2 ** (item.attempts - 1));
      }
    }
  }

  private async lose(item: Waiting, error: Error): Promise<void> {
    this.log.error(
      { cacheKey: item.name, attempts: item.attempts, error: error.message },
      'cache_write_behind_lost',
    );
    await item.giveUp();
  }

  private pause(ms: number): Promise<void> {
    if (this.closing) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.pauses.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.pauses.add(wake);
    });
  }
}
