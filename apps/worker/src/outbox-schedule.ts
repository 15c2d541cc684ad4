import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Lock, Log } from '@app/domain';
import { SweepOutbox } from '@app/pipeline';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const LOCK_NAME = 'outbox-sweep';
/** A sweep that takes longer than this no longer keeps other workers from sweeping; sweeping twice is harmless. */
const LOCK_LEASE_MS = 30_000;

/** Sweeps the outbox at intervals: one worker at a time where there are several. */
@Injectable()
export class OutboxSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Whether the last round failed: said once, not at every round. */
  private failing = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sweep: SweepOutbox,
    private readonly lock: Lock,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.scheduleNext();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  private scheduleNext(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.sweeping = this.sweepOnce().finally(() => this.scheduleNext());
    }, this.config.outbox.sweepIntervalMs);
  }

  private async sweepOnce(): Promise<void> {
    try {
      const held = await this.lock.tryAcquire(LOCK_NAME, LOCK_LEASE_MS);
      if (!held) return;
      try {
        await this.sweep.run();
      } finally {
        await held.release();
      }
      if (this.failing) this.log.info({}, 'outbox_sweep_works_again');
      this.failing = false;
    } catch (error) {
      // The database or Redis is away: the next round comes by itself.
      if (!this.failing) this.log.warn({ error: (error as Error).message }, 'outbox_sweep_failed');
      this.failing = true;
    }
  }
}
