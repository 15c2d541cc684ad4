import type { Config } from '@app/config';
import type {
  ActionLedger,
  ActionPolicies,
  AgentStates,
  ApiKeyRepository,
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
  SecretBox,
  SimilaritySearch,
  SpendingBudget,
  UsageLedger,
  WorkflowRepository,
  WebhookSecretRepository,
} from '@app/domain';
import { PinoLog, SystemClock } from '@app/telemetry';
import type { Pool, PoolConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource, type DataSourceOptions } from './data-source.js';
import { Database } from './database.js';
import { isAway, translate } from './database-errors.js';
import { DatabaseHealth } from './database-health.js';
import { poolConfigOf, type DatabaseTarget } from './database-target.js';
import { connectEmbedded } from './embedded/connect-embedded.js';
import type { EmbeddedConnection } from './embedded/embedded-connection.js';
import type { HostFigures } from './embedded/host-messages.js';
import { LivePool } from './live-pool.js';
import { EmbeddingIndex } from './embedding-index.js';
import { IntakeWarmUp } from './intake-warm-up.js';
import { PassageIndex } from './passage-index.js';
import { PostgresActionLedger } from './repositories/postgres-action-ledger.js';
import { PostgresActionPolicies } from './repositories/postgres-action-policies.js';
import { PostgresAgentStates } from './repositories/postgres-agent-states.js';
import { PostgresApiKeyRepository } from './repositories/postgres-api-key-repository.js';
import { PostgresBackgroundJobs } from './repositories/postgres-background-jobs.js';
import { PostgresChannelRepository } from './repositories/postgres-channel-repository.js';
import { PostgresDeliveryRepository } from './repositories/postgres-delivery-repository.js';
import { PostgresDiagnosisProgress } from './repositories/postgres-diagnosis-progress.js';
import { PostgresDiagnosisRepository } from './repositories/postgres-diagnosis-repository.js';
import { PostgresFailedJobRepository } from './repositories/postgres-failed-job-repository.js';
import { PostgresFeedbackRepository } from './repositories/postgres-feedback-repository.js';
import { PostgresGithubAppRepository } from './repositories/postgres-github-app-repository.js';
import { PostgresGithubAppSetupRepository } from './repositories/postgres-github-app-setup-repository.js';
import { PostgresIncidentAnalytics } from './repositories/postgres-incident-analytics.js';
import { PostgresIncidentCatalog } from './repositories/postgres-incident-catalog.js';
import { PostgresIncidentOutbox } from './repositories/postgres-incident-outbox.js';
import { PostgresIncidentRepository } from './repositories/postgres-incident-repository.js';
import { PostgresKnowledgeRepository } from './repositories/postgres-knowledge-repository.js';
import { PostgresLogArchive } from './repositories/postgres-log-archive.js';
import { PostgresModelPolicies } from './repositories/postgres-model-policies.js';
import { PostgresPatternCatalog } from './repositories/postgres-pattern-catalog.js';
import { PostgresPatternRepository } from './repositories/postgres-pattern-repository.js';
import { PostgresProjectEraser } from './repositories/postgres-project-eraser.js';
import { PostgresRepairRepository } from './repositories/postgres-repair-repository.js';
import { PostgresRetention } from './repositories/postgres-retention.js';
import { PostgresProjectRepository } from './repositories/postgres-project-repository.js';
import { PostgresSimilaritySearch, searchSettings } from './repositories/postgres-similarity-search.js';
import { PostgresSpendingBudget } from './repositories/postgres-spending-budget.js';
import { PostgresUsageLedger } from './repositories/postgres-usage-ledger.js';
import { PostgresWorkflowRepository } from './repositories/postgres-workflow-repository.js';
import { PostgresWebhookSecretRepository } from './repositories/postgres-webhook-secret-repository.js';
import { runMigrations } from './run-migrations.js';
import { SealedSecrets } from './secrets/sealed-secrets.js';

const POOL_END_LIMIT_MS = 5_000;
const QUERY_TIMEOUT_MS = 20_000;
/** How often opening begins anew because the embedded database moved to another process meanwhile. */
const MAX_OPENINGS = 5;

/** Every port of persistence. */
export interface Repositories {
  readonly deliveries: DeliveryRepository;
  readonly incidents: IncidentRepository;
  readonly catalog: IncidentCatalog;
  readonly analytics: IncidentAnalytics;
  readonly outbox: IncidentOutbox;
  readonly progress: DiagnosisProgress;
  readonly logs: LogArchive;
  readonly patterns: PatternRepository;
  readonly diagnoses: DiagnosisRepository;
  readonly patternCatalog: PatternCatalog;
  readonly feedback: FeedbackRepository;
  readonly projects: ProjectRepository;
  readonly webhookSecrets: WebhookSecretRepository;
  readonly githubApps: GithubAppRepository;
  readonly githubAppSetups: GithubAppSetupRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly failedJobs: FailedJobRepository;
  readonly usage: UsageLedger;
  readonly budget: SpendingBudget;
  readonly modelPolicies: ModelPolicies;
  readonly agentStates: AgentStates;
  readonly similarity: SimilaritySearch;
  readonly workflows: WorkflowRepository;
  readonly actions: ActionLedger;
  readonly actionPolicies: ActionPolicies;
  readonly knowledge: KnowledgeRepository;
  readonly backgroundJobs: BackgroundJobs;
  readonly channels: ChannelRepository;
  readonly eraser: ProjectEraser;
  readonly repairs: RepairRepository;
  readonly retention: Retention;
}

/** The open database with everything that speaks to it. */
export interface Persistence extends Repositories {
  readonly mode: DatabaseTarget['kind'];
  /** This process runs the embedded server now; when it ends, a process that uses the same one goes on with it. */
  readonly isHost: boolean;
  readonly dataSource: DataSource;
  /** What the embedded server's thread has done; null when this process doesn't host it. */
  hostFigures(): Promise<HostFigures | null>;
  readonly health: DatabaseHealth;
  readonly intake: IntakeWarmUp;
  readonly embeddings: EmbeddingIndex;
  readonly passageIndex: PassageIndex;
  /** What `box` sealed in this database. */
  sealedSecrets(box: SecretBox): SealedSecrets;
  /** A pool of its own on the same database, for a queue that keeps its jobs there. `close` ends it. */
  createPool(options: PoolConfig): Pool;
  /**
   * Ends the pools and the DataSource, then the embedded server when this process hosts it. Whoever uses a pool lets
   * go of its connections before.
   */
  close(): Promise<void>;
}

/** What persistence needs of the configuration. */
export type PersistenceConfig = Pick<Config, 'dataDir' | 'database' | 'similarity'>;

export interface PersistenceTools {
  /** Default: silent, as commands want it that print to their output. */
  readonly log?: Log;
  readonly clock?: Clock;
  /** How long a statement may take before the database counts as away. Default 20 s. */
  readonly queryTimeoutMs?: number;
}

/**
 * Opens the database that the configuration names, or the embedded one under its data directory (hosted by this
 * process, or by another one that has it open), and brings it to this version's schema.
 * @throws ExternalFailure `database_away`, `database_migration_failed`
 * @throws DataDirInUse when the process that has the data directory does not answer
 */
export async function openPersistence(
  config: PersistenceConfig,
  tools: PersistenceTools = {},
): Promise<Persistence> {
  const log = tools.log ?? PinoLog.create({ level: 'silent' });
  const embedded = config.database.url === null ? await connectEmbedded(config.dataDir, log) : null;
  const target: DatabaseTarget = embedded
    ? { kind: 'embedded', connection: embedded }
    : { kind: 'server', url: config.database.url! };
  const options: DataSourceOptions = {
    poolSize: config.database.poolSize,
    queryTimeoutMs: tools.queryTimeoutMs ?? QUERY_TIMEOUT_MS,
    vectorSettings: searchSettings(config.similarity.index),
  };
  for (let opening = 1; ; opening++) {
    try {
      await migrate(target, log);
      const dataSource = createDataSource(target, options, log);
      await dataSource.initialize();
      const persistence = assemble(
        dataSource,
        target,
        embedded,
        config,
        tools.clock ?? new SystemClock(),
        log,
      );
      await tellOfOutdatedIndex(persistence, log);
      return persistence;
    } catch (error) {
      const failure = translate(error);
      if (embedded && isAway(failure) && opening < MAX_OPENINGS) {
        log.warn({ opening, error: failure.message }, 'database_opening_repeated');
        continue;
      }
      await embedded?.close();
      throw failure;
    }
  }
}

/** On connections of its own, since a migration may take its time. */
async function migrate(target: DatabaseTarget, log: Log): Promise<void> {
  const dataSource = createDataSource(target, { poolSize: 2, queryTimeoutMs: null }, log);
  await dataSource.initialize();
  try {
    const ran = await runMigrations(dataSource);
    if (ran.length > 0) log.info({ migrations: ran }, 'database_migrated');
  } finally {
    await dataSource.destroy();
  }
}

function assemble(
  dataSource: DataSource,
  target: DatabaseTarget,
  embedded: EmbeddedConnection | null,
  config: PersistenceConfig,
  clock: Clock,
  log: Log,
): Persistence {
  const database = new Database(dataSource, clock);
  const deliveries = new PostgresDeliveryRepository(database);
  const incidents = new PostgresIncidentRepository(database);
  const knowledge = new PostgresKnowledgeRepository(database);
  const similarity = new PostgresSimilaritySearch(database, config.similarity);
  const pools = new Set<Pool>();
  return {
    mode: target.kind,
    get isHost() {
      return embedded !== null && embedded.host !== null;
    },
    dataSource,
    hostFigures: async () => (await embedded?.host?.figures()) ?? null,
    health: new DatabaseHealth(database),
    intake: new IntakeWarmUp(database),
    deliveries,
    incidents,
    catalog: new PostgresIncidentCatalog(database, incidents),
    analytics: new PostgresIncidentAnalytics(database),
    outbox: new PostgresIncidentOutbox(database),
    progress: new PostgresDiagnosisProgress(database),
    logs: new PostgresLogArchive(database),
    patterns: new PostgresPatternRepository(database),
    diagnoses: new PostgresDiagnosisRepository(database),
    patternCatalog: new PostgresPatternCatalog(database),
    feedback: new PostgresFeedbackRepository(database),
    projects: new PostgresProjectRepository(database),
    webhookSecrets: new PostgresWebhookSecretRepository(database),
    eraser: new PostgresProjectEraser(database),
    repairs: new PostgresRepairRepository(database),
    retention: new PostgresRetention(database),
    githubApps: new PostgresGithubAppRepository(database),
    githubAppSetups: new PostgresGithubAppSetupRepository(database),
    apiKeys: new PostgresApiKeyRepository(database),
    failedJobs: new PostgresFailedJobRepository(database),
    usage: new PostgresUsageLedger(database),
    budget: new PostgresSpendingBudget(database),
    modelPolicies: new PostgresModelPolicies(database),
    agentStates: new PostgresAgentStates(database),
    similarity,
    workflows: new PostgresWorkflowRepository(database),
    actions: new PostgresActionLedger(database),
    actionPolicies: new PostgresActionPolicies(database),
    knowledge,
    backgroundJobs: new PostgresBackgroundJobs(database),
    channels: new PostgresChannelRepository(database),
    embeddings: new EmbeddingIndex(database, similarity, config.similarity.index),
    passageIndex: new PassageIndex(database, knowledge, config.similarity.index),
    sealedSecrets: (box) => new SealedSecrets(database, box),
    createPool(options) {
      const pool = new LivePool({ ...poolConfigOf(target), ...options });
      pool.on('error', (error) => log.warn({ error: error.message }, 'database_connection_lost'));
      pools.add(pool);
      return pool;
    },
    async close() {
      await deliveries.drained();
      await Promise.all([...pools].map((pool) => endPool(pool, log)));
      pools.clear();
      if (dataSource.isInitialized) await dataSource.destroy();
      await embedded?.close();
    },
  };
}

/** It still serves: only as well as it was made. */
async function tellOfOutdatedIndex({ embeddings }: Persistence, log: Log): Promise<void> {
  const outdated = await embeddings.outdated();
  if (outdated !== null)
    log.warn({ ...outdated, command: 'npm run cli -- embeddings reindex' }, 'vector_index_outdated');
}

/** A pool waits for every connection that is in use; one that never comes back must not keep the process alive. */
async function endPool(pool: Pool, log: Log): Promise<void> {
  if (pool.ending) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn({ connections: pool.totalCount }, 'database_pool_still_in_use');
      resolve();
    }, POOL_END_LIMIT_MS);
  });
  await Promise.race([pool.end(), late]);
  clearTimeout(timer);
}
