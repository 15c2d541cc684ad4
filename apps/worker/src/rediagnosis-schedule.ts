import { Lock, Log } from '@app/domain';
import { RediagnoseFallbacks } from '@app/pipeline';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

/** Longer than a model that failed is left alone, so that who is offered to it isn't turned away. */
const INTERVAL_MS = 60_000;

/** Offers incidents that the rules diagnosed to the model again, when it is back. */
@Injectable()
export class RediagnosisSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: LockedRounds;

  constructor(rediagnose: RediagnoseFallbacks, lock: Lock, log: Log) {
    const work = () => rediagnose.run();
    this.rounds = new LockedRounds({ name: 'rediagnosis', intervalMs: INTERVAL_MS, work }, lock, log);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }
}
