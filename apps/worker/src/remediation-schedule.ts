import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Lock, Log } from '@app/domain';
import { TendRemediations } from '@app/pipeline';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

/** Looks after remediations at intervals. */
@Injectable()
export class RemediationSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds;

  constructor(@Inject(CONFIG) config: Config, tend: TendRemediations, lock: Lock, log: Log) {
    const { intervalMs } = config.remediation;
    this.rounds = new LockedRounds({ name: 'remediations', intervalMs, work: () => tend.run() }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }
}
