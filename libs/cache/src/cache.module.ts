import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '@app/config';
import { Cache, EventBus, Lock, Log } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { createCoordination, type CoordinationHandle } from './coordination/create-coordination.js';
import { createCache, type CacheHandle } from './create-cache.js';

const CACHE_HANDLE = Symbol('CACHE_HANDLE');
const COORDINATION_HANDLE = Symbol('COORDINATION_HANDLE');

/** Provides Cache, Lock and EventBus everywhere. Log and Metrics must be provided globally. */
@Global()
@Module({})
export class CacheModule implements OnApplicationShutdown {
  constructor(
    @Inject(CACHE_HANDLE) private readonly cache: CacheHandle,
    @Inject(COORDINATION_HANDLE) private readonly coordination: CoordinationHandle,
  ) {}

  static forRoot(config: Pick<Config, 'cache' | 'redis'>): DynamicModule {
    return {
      module: CacheModule,
      providers: [
        {
          provide: CACHE_HANDLE,
          inject: [Log, Metrics],
          useFactory: (log: Log, metrics: Metrics) => createCache(config, log, metrics),
        },
        {
          provide: COORDINATION_HANDLE,
          inject: [Log],
          useFactory: (log: Log) => createCoordination(config, log),
        },
        { provide: Cache, inject: [CACHE_HANDLE], useFactory: ({ cache }: CacheHandle) => cache },
        { provide: Lock, inject: [COORDINATION_HANDLE], useFactory: ({ lock }: CoordinationHandle) => lock },
        {
          provide: EventBus,
          inject: [COORDINATION_HANDLE],
          useFactory: ({ eventBus }: CoordinationHandle) => eventBus,
        },
      ],
      exports: [Cache, Lock, EventBus],
    };
  }

  /** Last of all: workers, which close in `onModuleDestroy`, use the cache until their jobs have ended. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.cache.close(), this.coordination.close()]);
  }
}
