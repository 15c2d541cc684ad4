import type { Config } from '@app/config';
import {
  ApiKeyRepository,
  Cache,
  CiProvider,
  Clock,
  DeliveryRepository,
  DiagnosisProgress,
  DiagnosisRepository,
  Embedder,
  EventBus,
  FeedbackRepository,
  IncidentOutbox,
  IncidentRepository,
  JobBaselines,
  JobQueue,
  LanguageModel,
  Log,
  LogArchive,
  MissedDeliveries,
  ModelHealth,
  ModelPolicies,
  PassageFinder,
  PatternCatalog,
  PatternRepository,
  ProjectRepository,
  SecretBox,
  ProjectEraser,
  RepairRepository,
  Retention,
  SimilaritySearch,
  WebhookSecretRepository,
} from '@app/domain';
import {
  AnnounceChanges,
  DiagnoseIncident,
  DispatchWork,
  ExpandRun,
  FindSimilar,
  FindPassages,
  FindSimilarTo,
  GatherFiles,
  GatherMaterial,
  IngestDelivery,
  InvalidateViews,
  MoveIncident,
  ReconcileRuns,
  IssueApiKey,
  EraseProject,
  FindMergeCandidates,
  ForgetExpired,
  CallOffOutdated,
  GiveFeedback,
  LearnFromRepairs,
  logReading,
  ReadLog,
  Reason,
  RecallLearned,
  SubmitLog,
  SweepOutbox,
  RediagnoseFallbacks,
  WebhookSecrets,
} from '@app/pipeline';
import { Global, Module, type BeforeApplicationShutdown, type Provider } from '@nestjs/common';
import { remediationProviders } from './remediation.providers.js';
import { CONFIG } from './tokens.js';

/** Rows a sweep looks at; the next sweep takes the rest. */
const SWEEP_BATCH = 200;
/** A call a project where little happens; two hundred a round at most. */
const RECONCILE_LIMITS = { projects: 20, runs: 1_000 } as const;

/** The use cases are plain classes: their constructors are called here, and read here in one place. */
const useCases: Provider[] = [
  {
    provide: DispatchWork,
    inject: [JobQueue, EventBus, Log],
    useFactory: (queue: JobQueue, bus: EventBus, log: Log) => new DispatchWork(queue, bus, log),
  },
  {
    provide: InvalidateViews,
    inject: [Cache, Log],
    useFactory: (cache: Cache, log: Log) => new InvalidateViews(cache, log),
  },
  {
    provide: AnnounceChanges,
    inject: [EventBus, InvalidateViews, Log],
    useFactory: (bus: EventBus, views: InvalidateViews, log: Log) => new AnnounceChanges(bus, views, log),
  },
  {
    provide: WebhookSecrets,
    inject: [ProjectRepository, WebhookSecretRepository, SecretBox, Clock, Log],
    useFactory: (
      projects: ProjectRepository,
      secrets: WebhookSecretRepository,
      box: SecretBox,
      clock: Clock,
      log: Log,
    ) => new WebhookSecrets(projects, secrets, box, clock, log),
  },
  {
    provide: IngestDelivery,
    inject: [DeliveryRepository, DispatchWork, AnnounceChanges, Log],
    useFactory: (
      deliveries: DeliveryRepository,
      dispatch: DispatchWork,
      announce: AnnounceChanges,
      log: Log,
    ) => new IngestDelivery(deliveries, dispatch, announce, log),
  },
  {
    provide: MoveIncident,
    inject: [IncidentRepository, DispatchWork, AnnounceChanges],
    useFactory: (incidents: IncidentRepository, dispatch: DispatchWork, announce: AnnounceChanges) =>
      new MoveIncident(incidents, dispatch, announce),
  },
  {
    provide: ReconcileRuns,
    inject: [
      ProjectRepository,
      DeliveryRepository,
      IncidentRepository,
      CiProvider,
      MissedDeliveries,
      IngestDelivery,
      Clock,
      Log,
    ],
    useFactory: (
      projects: ProjectRepository,
      deliveries: DeliveryRepository,
      incidents: IncidentRepository,
      ci: CiProvider,
      missed: MissedDeliveries,
      ingest: IngestDelivery,
      clock: Clock,
      log: Log,
    ) =>
      new ReconcileRuns({ projects, deliveries, incidents }, ci, missed, ingest, {
        clock,
        log,
        limits: RECONCILE_LIMITS,
      }),
  },
  {
    provide: ExpandRun,
    inject: [DeliveryRepository, CiProvider, DispatchWork, AnnounceChanges, Log],
    useFactory: (
      deliveries: DeliveryRepository,
      ci: CiProvider,
      dispatch: DispatchWork,
      announce: AnnounceChanges,
      log: Log,
    ) => new ExpandRun(deliveries, ci, dispatch, announce, log),
  },
  {
    provide: SweepOutbox,
    inject: [CONFIG, IncidentOutbox, DeliveryRepository, JobQueue, DispatchWork, Clock, Log],
    useFactory: (
      config: Config,
      outbox: IncidentOutbox,
      deliveries: DeliveryRepository,
      queue: JobQueue,
      dispatch: DispatchWork,
      clock: Clock,
      log: Log,
    ) =>
      new SweepOutbox(outbox, deliveries, queue, dispatch, {
        clock,
        log,
        limits: { graceMs: config.outbox.graceMs, batch: SWEEP_BATCH },
      }),
  },
  {
    provide: ReadLog,
    inject: [CONFIG, CiProvider, LogArchive, DeliveryRepository, JobBaselines, Log],
    useFactory: (
      config: Config,
      ci: CiProvider,
      archive: LogArchive,
      deliveries: DeliveryRepository,
      baselines: JobBaselines,
      log: Log,
    ) => new ReadLog(archive, deliveries, logReading(ci, baselines, log, config.archiveLogMaxBytes)),
  },
  {
    provide: FindSimilar,
    inject: [Embedder, SimilaritySearch, ModelPolicies, Log],
    useFactory: (embedder: Embedder, search: SimilaritySearch, policies: ModelPolicies, log: Log) =>
      new FindSimilar(embedder, search, policies, log),
  },
  {
    provide: FindPassages,
    inject: [PassageFinder, Log],
    useFactory: (passages: PassageFinder, log: Log) => new FindPassages(passages, log),
  },
  {
    provide: GatherMaterial,
    inject: [FindSimilar, FindPassages, CiProvider, Log],
    useFactory: (similar: FindSimilar, passages: FindPassages, ci: CiProvider, log: Log) =>
      new GatherMaterial(similar, passages, new GatherFiles(ci, log)),
  },
  {
    provide: FindSimilarTo,
    inject: [Embedder, SimilaritySearch, PatternRepository, ModelPolicies],
    useFactory: (
      embedder: Embedder,
      search: SimilaritySearch,
      patterns: PatternRepository,
      policies: ModelPolicies,
    ) => new FindSimilarTo(embedder, search, patterns, policies),
  },
  {
    provide: Reason,
    inject: [LanguageModel, DiagnosisProgress, Clock],
    useFactory: (model: LanguageModel, progress: DiagnosisProgress, clock: Clock) =>
      new Reason(model, progress, clock),
  },
  {
    provide: DiagnoseIncident,
    inject: [
      CONFIG,
      IncidentRepository,
      DiagnosisProgress,
      PatternRepository,
      DiagnosisRepository,
      ReadLog,
      GatherMaterial,
      RecallLearned,
      Reason,
      AnnounceChanges,
      Clock,
      Log,
    ],
    useFactory: (
      config: Config,
      incidents: IncidentRepository,
      progress: DiagnosisProgress,
      patterns: PatternRepository,
      diagnoses: DiagnosisRepository,
      readLog: ReadLog,
      gather: GatherMaterial,
      recall: RecallLearned,
      reason: Reason,
      announce: AnnounceChanges,
      clock: Clock,
      log: Log,
    ) =>
      new DiagnoseIncident({ incidents, progress, patterns, diagnoses }, readLog, gather, recall, reason, {
        announce,
        clock,
        log,
        leaseMs: config.claimLeaseMs,
      }),
  },
  {
    provide: RediagnoseFallbacks,
    inject: [IncidentRepository, DiagnosisRepository, ModelHealth, DispatchWork, Clock, Log],
    useFactory: (
      incidents: IncidentRepository,
      diagnoses: DiagnosisRepository,
      model: ModelHealth,
      dispatch: DispatchWork,
      clock: Clock,
      log: Log,
    ) => new RediagnoseFallbacks({ incidents, diagnoses }, model, dispatch, clock, log),
  },
  {
    provide: RecallLearned,
    inject: [FeedbackRepository, PatternCatalog, Log],
    useFactory: (feedback: FeedbackRepository, catalog: PatternCatalog, log: Log) =>
      new RecallLearned(feedback, catalog, log),
  },
  {
    provide: LearnFromRepairs,
    inject: [RepairRepository, CiProvider, Clock, Log],
    useFactory: (repairs: RepairRepository, ci: CiProvider, clock: Clock, log: Log) =>
      new LearnFromRepairs(repairs, ci, clock, log),
  },
  {
    provide: ForgetExpired,
    inject: [CONFIG, Retention, InvalidateViews, Log],
    useFactory: (config: Config, retention: Retention, views: InvalidateViews, log: Log) =>
      new ForgetExpired(retention, config.retention, views, log),
  },
  {
    provide: EraseProject,
    inject: [ProjectEraser, Cache, Log],
    useFactory: (eraser: ProjectEraser, cache: Cache, log: Log) => new EraseProject(eraser, cache, log),
  },
  {
    provide: FindMergeCandidates,
    inject: [PatternCatalog],
    useFactory: (catalog: PatternCatalog) => new FindMergeCandidates(catalog),
  },
  {
    provide: GiveFeedback,
    inject: [
      IncidentRepository,
      DiagnosisRepository,
      FeedbackRepository,
      Cache,
      DispatchWork,
      CallOffOutdated,
      Clock,
      Log,
    ],
    useFactory: (
      incidents: IncidentRepository,
      diagnoses: DiagnosisRepository,
      feedback: FeedbackRepository,
      cache: Cache,
      dispatch: DispatchWork,
      callOff: CallOffOutdated,
      clock: Clock,
      log: Log,
    ) => new GiveFeedback({ incidents, diagnoses, feedback }, { cache, dispatch, callOff, clock, log }),
  },
  {
    provide: SubmitLog,
    inject: [CONFIG, IncidentRepository, LogArchive, DispatchWork, AnnounceChanges, Clock],
    useFactory: (
      config: Config,
      incidents: IncidentRepository,
      archive: LogArchive,
      dispatch: DispatchWork,
      announce: AnnounceChanges,
      clock: Clock,
    ) => new SubmitLog({ incidents, archive }, dispatch, announce, clock, config.archiveLogMaxBytes),
  },
  {
    provide: IssueApiKey,
    inject: [ApiKeyRepository],
    useFactory: (keys: ApiKeyRepository) => new IssueApiKey(keys),
  },
  ...remediationProviders,
];

/** Use cases over whatever the core module bound to their ports. */
@Global()
@Module({
  providers: useCases,
  exports: useCases.map((provider) => (provider as { provide: symbol }).provide),
})
export class PipelineModule implements BeforeApplicationShutdown {
  constructor(private readonly views: InvalidateViews) {}

  /** Between the workers, whose last jobs still change incidents, and the cache. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.views.close();
  }
}
