import type { Lock, Log } from '@app/domain';

/** A round that takes longer than this no longer keeps other workers from theirs: a round may run twice. */
const LOCK_LEASE_MS = 30_000;

export interface RoundsOptions {
  /** Of the lock, and the beginning of the events: `outbox_sweep` gives `outbox_sweep_failed`. */
  readonly name: string;
  readonly intervalMs: number;
  readonly work: () => Promise<unknown>;
}

/** Does the same work at intervals: one worker at a time where there are several. */
export class LockedRounds {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Whether the last round failed: said once, not at every round. */
  private failing = false;

  constructor(
    private readonly options: RoundsOptions,
    private readonly lock: Lock,
    private readonly log: Log,
  ) {}

  start(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.round().finally(() => this.start());
    }, this.options.intervalMs);
  }

  /** Waits for the round that runs. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    const { name, work } = this.options;
    try {
      const held = await this.lock.tryAcquire(name.replaceAll('_', '-'), LOCK_LEASE_MS);
      if (!held) return;
      try {
        await work();
      } finally {
        await held.release();
      }
      if (this.failing) this.log.info({}, `${name}_works_again`);
      this.failing = false;
    } catch (error) {
      // The database or Redis is away: the next round comes by itself.
      if (!this.failing) this.log.warn({ error: (error as Error).message }, `${name}_failed`);
      this.failing = true;
    }
  }
}
