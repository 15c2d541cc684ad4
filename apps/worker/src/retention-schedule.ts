import { Lock, Log } from '@app/domain';
import { ForgetExpired } from '@app/pipeline';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

const INTERVAL_MS = 3_600_000;

/** Deletes hourly what is older than it is to be kept. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds;

  constructor(forget: ForgetExpired, lock: Lock, log: Log) {
    const work = () => forget.run();
    this.rounds = new LockedRounds({ name: 'retention', intervalMs: INTERVAL_MS, work }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }
}
