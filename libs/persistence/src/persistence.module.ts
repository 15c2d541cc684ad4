import {
  ActionLedger,
  ActionPolicies,
  AgentStates,
  ApiKeyRepository,
  Cache,
  BackgroundJobs,
  ChannelRepository,
  Clock,
  DeliveryRepository,
  DiagnosisProgress,
  DiagnosisRepository,
  FailedJobRepository,
  FeedbackRepository,
  GithubAppRepository,
  GithubAppSetupRepository,
  IncidentAnalytics,
  IncidentCatalog,
  IncidentOutbox,
  IncidentRepository,
  KnowledgeRepository,
  Log,
  LogArchive,
  ModelPolicies,
  PatternCatalog,
  PatternRepository,
  ProjectEraser,
  ProjectRepository,
  RepairRepository,
  Retention,
  SimilaritySearch,
  SpendingBudget,
  UsageLedger,
  WorkflowRepository,
  WebhookSecretRepository,
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
import { Metrics } from '@app/telemetry';
import { DataSource } from 'typeorm';
import { CachedIncidentAnalytics } from './caching/cached-incident-analytics.js';
import { CachedIncidentCatalog } from './caching/cached-incident-catalog.js';
import { CachedSimilaritySearch } from './caching/cached-similarity-search.js';
import { CachedDiagnosisRepository } from './caching/cached-diagnosis-repository.js';
import { CachedFeedbackRepository } from './caching/cached-feedback-repository.js';
import { CachedPatternRepository } from './caching/cached-pattern-repository.js';
import { StoredDiagnosisCopies } from './caching/stored-diagnosis-copies.js';
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
  [PatternCatalog, 'patternCatalog'],
  [ProjectRepository, 'projects'],
  [WebhookSecretRepository, 'webhookSecrets'],
  [ProjectEraser, 'eraser'],
  [RepairRepository, 'repairs'],
  [Retention, 'retention'],
  [GithubAppRepository, 'githubApps'],
  [GithubAppSetupRepository, 'githubAppSetups'],
  [ApiKeyRepository, 'apiKeys'],
  [FailedJobRepository, 'failedJobs'],
  [UsageLedger, 'usage'],
  [SpendingBudget, 'budget'],
  [ModelPolicies, 'modelPolicies'],
  [AgentStates, 'agentStates'],
  [WorkflowRepository, 'workflows'],
  [ActionLedger, 'actions'],
  [ActionPolicies, 'actionPolicies'],
  [KnowledgeRepository, 'knowledge'],
  [BackgroundJobs, 'backgroundJobs'],
  [ChannelRepository, 'channels'],
  [DatabaseHealth, 'health'],
  [DataSource, 'dataSource'],
];

const DIAGNOSIS_COPIES = Symbol('DIAGNOSIS_COPIES');
/** Absent from a process that has no cache: it asks the database. */
const IF_CACHED = { token: DIAGNOSIS_COPIES, optional: true };

/** What stands in front of the database, with its hot copies in the cache. */
const CACHED: readonly Provider[] = [
  {
    provide: DIAGNOSIS_COPIES,
    inject: [{ token: Cache, optional: true }],
    useFactory: (cache?: Cache) => cache && new StoredDiagnosisCopies(cache),
  },
  {
    provide: PatternRepository,
    inject: [PERSISTENCE, Log, IF_CACHED],
    useFactory: ({ patterns }: Persistence, log: Log, copies?: StoredDiagnosisCopies) =>
      copies ? new CachedPatternRepository(patterns, copies, log) : patterns,
  },
  {
    provide: DiagnosisRepository,
    inject: [PERSISTENCE, IF_CACHED],
    useFactory: ({ diagnoses }: Persistence, copies?: StoredDiagnosisCopies) =>
      copies ? new CachedDiagnosisRepository(diagnoses, copies) : diagnoses,
  },
  {
    provide: IncidentCatalog,
    inject: [PERSISTENCE, { token: Cache, optional: true }],
    useFactory: ({ catalog }: Persistence, cache?: Cache) =>
      cache ? new CachedIncidentCatalog(catalog, cache) : catalog,
  },
  {
    provide: IncidentAnalytics,
    inject: [PERSISTENCE, { token: Cache, optional: true }],
    useFactory: ({ analytics }: Persistence, cache?: Cache) =>
      cache ? new CachedIncidentAnalytics(analytics, cache) : analytics,
  },
  {
    provide: FeedbackRepository,
    inject: [PERSISTENCE, IF_CACHED],
    useFactory: ({ feedback }: Persistence, copies?: StoredDiagnosisCopies) =>
      copies ? new CachedFeedbackRepository(feedback, copies) : feedback,
  },
];

/**
 * Provides every port of persistence everywhere. Log and Clock must be provided globally; where a Cache is too, known
 * failures' diagnoses, lists and counts are answered from it, and with Metrics similar incidents.
 */
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
        ...CACHED,
        {
          provide: SimilaritySearch,
          inject: [PERSISTENCE, Log, { token: Cache, optional: true }, { token: Metrics, optional: true }],
          useFactory: ({ similarity }: Persistence, log: Log, cache?: Cache, metrics?: Metrics) =>
            cache && metrics
              ? new CachedSimilaritySearch(similarity, cache, config.similarity, log, metrics)
              : similarity,
        },
      ],
      exports: [
        PERSISTENCE,
        PatternRepository,
        DiagnosisRepository,
        FeedbackRepository,
        IncidentCatalog,
        IncidentAnalytics,
        SimilaritySearch,
        ...PARTS.map(([token]) => token),
      ],
    };
  }

  /** Last of all: workers and the queue, which end in earlier phases, need the database until then. */
  async onApplicationShutdown(): Promise<void> {
    await this.persistence.close();
  }
}
