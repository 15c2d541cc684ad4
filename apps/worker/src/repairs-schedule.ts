import { Lock, Log } from '@app/domain';
import { LearnFromRepairs } from '@app/pipeline';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

const INTERVAL_MS = 120_000;

/** Learns from what turned green. */
@Injectable()
export class RepairsSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds;

  constructor(learn: LearnFromRepairs, lock: Lock, log: Log) {
    const work = () => learn.run();
    this.rounds = new LockedRounds({ name: 'repairs', intervalMs: INTERVAL_MS, work }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }
}
