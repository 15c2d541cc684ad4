import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Clock, DeliveryRepository, Lock, Log } from '@app/domain';
import { ReconcileRuns } from '@app/pipeline';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

const DAY_MS = 86_400_000;

/** Finds runs that no delivery told of, and forgets what is known of old runs, at intervals. */
@Injectable()
export class ReconcileSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds | null;

  constructor(
    @Inject(CONFIG) config: Config,
    reconcile: ReconcileRuns,
    deliveries: DeliveryRepository,
    clock: Clock,
    lock: Lock,
    log: Log,
  ) {
    const { reconcileIntervalMs: intervalMs } = config.deliveries;
    const keptMs = config.retention.deliveryDays * DAY_MS;
    const work = async (): Promise<void> => {
      await reconcile.run();
      await deliveries.forgetRuns(new Date(clock.now().getTime() - keptMs));
    };
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
