import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Lock, Log } from '@app/domain';
import { SweepOutbox } from '@app/pipeline';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

/** Sweeps the outbox at intervals. */
@Injectable()
export class OutboxSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds;

  constructor(@Inject(CONFIG) config: Config, sweep: SweepOutbox, lock: Lock, log: Log) {
    const { sweepIntervalMs: intervalMs } = config.outbox;
    this.rounds = new LockedRounds({ name: 'outbox_sweep', intervalMs, work: () => sweep.run() }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }
}
