import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Lock, Log } from '@app/domain';
import { ReconcileRuns } from '@app/pipeline';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

/** Finds runs that no delivery told of, at intervals. */
@Injectable()
export class ReconcileSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds | null;

  constructor(@Inject(CONFIG) config: Config, reconcile: ReconcileRuns, lock: Lock, log: Log) {
    const { reconcileIntervalMs: intervalMs } = config.deliveries;
    const work = () => reconcile.run();
    this.rounds =
      intervalMs === 0 ? null : new LockedRounds({ name: 'reconciliation', intervalMs, work }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds?.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds?.stop();
  }
}
