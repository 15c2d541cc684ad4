import { WarmCache } from '@app/composition';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

/** Warms the cache beside the start, which doesn't wait for it; a shutdown does. */
@Injectable()
export class WarmAtStart implements OnApplicationBootstrap, OnModuleDestroy {
  private warming: Promise<unknown> = Promise.resolve();

  constructor(private readonly cache: WarmCache) {}

  onApplicationBootstrap(): void {
    this.warming = this.cache.run('at_start');
  }

  async onModuleDestroy(): Promise<void> {
    await this.warming;
  }
}
