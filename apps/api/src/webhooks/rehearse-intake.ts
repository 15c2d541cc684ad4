import { Log } from '@app/domain';
import { PERSISTENCE, type Persistence } from '@app/persistence';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

/** Rehearses the intake of webhooks beside the start, which doesn't wait for it; a shutdown ends it. */
@Injectable()
export class RehearseIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly leaving = new AbortController();
  private rehearsal: Promise<void> = Promise.resolve();

  constructor(
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.rehearsal = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.leaving.abort();
    await this.rehearsal;
  }

  /** Never throws: without it the first deliveries take longer, that is all. */
  private async run(): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.persistence.intake.run(this.leaving.signal);
      this.log.debug({ ms: Math.round(performance.now() - startedAt) }, 'intake_rehearsed');
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, 'intake_rehearsal_failed');
    }
  }
}
