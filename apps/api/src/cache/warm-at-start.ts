import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ApiWarmUp } from './api-warm-up.js';

/** Warms the cache beside the start, which doesn't wait for it; a shutdown does. */
@Injectable()
export class WarmAtStart implements OnApplicationBootstrap, OnModuleDestroy {
  private warming: Promise<unknown> = Promise.resolve();

  constructor(private readonly warmUp: ApiWarmUp) {}

  onApplicationBootstrap(): void {
    this.warming = this.warmUp.run('at_start');
  }

  async onModuleDestroy(): Promise<void> {
    await this.warming;
  }
}
