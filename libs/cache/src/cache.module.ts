import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '@app/config';
import {
  Cache,
  CacheSavings,
  CostCounter,
  EventBus,
  Lock,
  Log,
  QuotaCounter,
  RateLimiter,
} from '@app/domain';
import { Metrics } from '@app/telemetry';
import { createCoordination, type CoordinationHandle } from './coordination/create-coordination.js';
import { createCache, type CacheHandle } from './create-cache.js';
import { createLimits, type LimitsHandle } from './limits/create-limits.js';

const CACHE_HANDLE = Symbol('CACHE_HANDLE');
const COORDINATION_HANDLE = Symbol('COORDINATION_HANDLE');
const LIMITS_HANDLE = Symbol('LIMITS_HANDLE');

/** Which part of the limits is behind which token. */
const LIMITS = [
  [RateLimiter, 'rateLimiter'],
  [QuotaCounter, 'quotas'],
  [CostCounter, 'costs'],
  [CacheSavings, 'savings'],
] as const;

/** Provides the cache, locks, events, limits, quotas, costs and savings everywhere. Log and Metrics must be provided globally. */
@Global()
@Module({})
export class CacheModule implements OnApplicationShutdown {
  constructor(
    @Inject(CACHE_HANDLE) private readonly cache: CacheHandle,
    @Inject(COORDINATION_HANDLE) private readonly coordination: CoordinationHandle,
    @Inject(LIMITS_HANDLE) private readonly limits: LimitsHandle,
  ) {}

  static forRoot(config: Pick<Config, 'cache' | 'redis'>): DynamicModule {
    return {
      module: CacheModule,
      providers: [
        {
          provide: CACHE_HANDLE,
          inject: [Log, Metrics, LIMITS_HANDLE],
          useFactory: (log: Log, metrics: Metrics, { savings }: LimitsHandle) =>
            createCache(config, log, metrics, { savings }),
        },
        {
          provide: COORDINATION_HANDLE,
          inject: [Log],
          useFactory: (log: Log) => createCoordination(config, log),
        },
        {
          provide: LIMITS_HANDLE,
          inject: [Log, Metrics, COORDINATION_HANDLE],
          useFactory: (log: Log, metrics: Metrics, { eventBus }: CoordinationHandle) =>
            createLimits(config, { log, metrics, eventBus }),
        },
        ...LIMITS.map(([provide, part]) => ({
          provide,
          inject: [LIMITS_HANDLE],
          useFactory: (limits: LimitsHandle) => limits[part],
        })),
        { provide: Cache, inject: [CACHE_HANDLE], useFactory: ({ cache }: CacheHandle) => cache },
        { provide: Lock, inject: [COORDINATION_HANDLE], useFactory: ({ lock }: CoordinationHandle) => lock },
        {
          provide: EventBus,
          inject: [COORDINATION_HANDLE],
          useFactory: ({ eventBus }: CoordinationHandle) => eventBus,
        },
      ],
      exports: [Cache, Lock, EventBus, ...LIMITS.map(([token]) => token)],
    };
  }

  /** Last of all: workers, which close in `onModuleDestroy`, use the cache until their jobs have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.cache.close();
    await this.limits.close();
    await this.coordination.close();
  }
}
