import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Lock, Log } from '@app/domain';
import { LearnFromRepairs } from '@app/pipeline';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

/** Learns from what turned green. */
@Injectable()
export class RepairsSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds;

  constructor(@Inject(CONFIG) { deliveries }: Config, learn: LearnFromRepairs, lock: Lock, log: Log) {
    const work = () => learn.run();
    const intervalMs = deliveries.learnIntervalMs;
    this.rounds = new LockedRounds({ name: 'repairs', intervalMs, work }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }
}
