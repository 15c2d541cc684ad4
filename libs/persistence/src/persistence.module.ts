import {
  ApiKeyRepository,
  Clock,
  DeliveryRepository,
  DiagnosisProgress,
  DiagnosisRepository,
  FailedJobRepository,
  IncidentOutbox,
  IncidentRepository,
  Log,
  LogArchive,
  ModelPolicies,
  PatternRepository,
  ProjectRepository,
  SimilaritySearch,
  SpendingBudget,
  UsageLedger,
} from '@app/domain';
import {
  Global,
  Inject,
  Module,
  type DynamicModule,
  type InjectionToken,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DatabaseHealth } from './database-health.js';
import { openPersistence, type Persistence, type PersistenceConfig } from './persistence.js';

/** Injection token of the open `Persistence`: for `createPool`, and for whoever needs several of its parts. */
export const PERSISTENCE = Symbol('PERSISTENCE');

/** Which part of `Persistence` is behind which token. */
const PARTS: readonly [InjectionToken, keyof Persistence][] = [
  [DeliveryRepository, 'deliveries'],
  [IncidentRepository, 'incidents'],
  [IncidentOutbox, 'outbox'],
  [DiagnosisProgress, 'progress'],
  [LogArchive, 'logs'],
  [PatternRepository, 'patterns'],
  [DiagnosisRepository, 'diagnoses'],
  [ProjectRepository, 'projects'],
  [ApiKeyRepository, 'apiKeys'],
  [FailedJobRepository, 'failedJobs'],
  [UsageLedger, 'usage'],
  [SpendingBudget, 'budget'],
  [ModelPolicies, 'modelPolicies'],
  [SimilaritySearch, 'similarity'],
  [DatabaseHealth, 'health'],
  [DataSource, 'dataSource'],
];

/** Provides every port of persistence everywhere. Log and Clock must be provided globally. */
@Global()
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  static forRoot(config: PersistenceConfig): DynamicModule {
    return {
      module: PersistenceModule,
      providers: [
        {
          provide: PERSISTENCE,
          inject: [Log, Clock],
          useFactory: (log: Log, clock: Clock) => openPersistence(config, { log, clock }),
        },
        ...PARTS.map(([provide, part]): Provider => ({
          provide,
          inject: [PERSISTENCE],
          useFactory: (persistence: Persistence) => persistence[part],
        })),
      ],
      exports: [PERSISTENCE, ...PARTS.map(([token]) => token)],
    };
  }

  /** Last of all: workers and the queue, which end in earlier phases, need the database until then. */
  async onApplicationShutdown(): Promise<void> {
    await this.persistence.close();
  }
}
