import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Lock, Log } from '@app/domain';
import { BackgroundDispatch } from '@app/knowledge';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LockedRounds } from './locked-rounds.js';

const CLEAN_UP_INTERVAL_MS = 60 * 60_000;

/** Dispatches background jobs that no queue holds, and removes those that ended a week ago. */
@Injectable()
export class BackgroundJobsSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: readonly LockedRounds[];

  constructor(@Inject(CONFIG) config: Config, dispatch: BackgroundDispatch, lock: Lock, log: Log) {
    const sweep = {
      name: 'background_job_sweep',
      intervalMs: config.outbox.sweepIntervalMs,
      work: () => dispatch.sweep(),
    };
    const cleanUp = {
      name: 'background_job_clean_up',
      intervalMs: CLEAN_UP_INTERVAL_MS,
      work: () => dispatch.cleanUp(),
    };
    this.rounds = [sweep, cleanUp].map((options) => new LockedRounds(options, lock, log));
  }

  onApplicationBootstrap(): void {
    for (const rounds of this.rounds) rounds.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.rounds.map((rounds) => rounds.stop()));
  }
}
