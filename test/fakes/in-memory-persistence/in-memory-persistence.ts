import type { Clock } from '@app/domain';
import { InMemoryActionLedger } from './in-memory-action-ledger.js';
import { InMemoryActionPolicies } from './in-memory-action-policies.js';
import { InMemoryAgentStates } from './in-memory-agent-states.js';
import { InMemoryApiKeyRepository } from './in-memory-api-key-repository.js';
import { InMemoryBackgroundJobs } from './in-memory-background-jobs.js';
import { InMemoryChannelRepository } from './in-memory-channel-repository.js';
import { InMemoryDeliveryRepository } from './in-memory-delivery-repository.js';
import { InMemoryDiagnosisProgress } from './in-memory-diagnosis-progress.js';
import { InMemoryDiagnosisRepository } from './in-memory-diagnosis-repository.js';
import { InMemoryFailedJobRepository } from './in-memory-failed-job-repository.js';
import { InMemoryFeedbackRepository } from './in-memory-feedback-repository.js';
import { InMemoryGithubAppRepository, InMemoryGithubAppSetupRepository } from './in-memory-github-apps.js';
import { InMemoryIncidentAnalytics } from './in-memory-incident-analytics.js';
import { InMemoryIncidentCatalog } from './in-memory-incident-catalog.js';
import { InMemoryIncidentOutbox } from './in-memory-incident-outbox.js';
import { InMemoryIncidentRepository } from './in-memory-incident-repository.js';
import { InMemoryKnowledgeRepository } from './in-memory-knowledge-repository.js';
import { InMemoryLogArchive } from './in-memory-log-archive.js';
import { InMemoryModelPolicies } from './in-memory-model-policies.js';
import { InMemoryPatternCatalog } from './in-memory-pattern-catalog.js';
import { InMemoryPatternRepository } from './in-memory-pattern-repository.js';
import { InMemoryProjectEraser } from './in-memory-project-eraser.js';
import { InMemoryProjectRepository } from './in-memory-project-repository.js';
import { InMemoryRepairRepository } from './in-memory-repair-repository.js';
import { InMemoryRetention } from './in-memory-retention.js';
import { InMemorySimilaritySearch } from './in-memory-similarity-search.js';
import { InMemorySpendingBudget } from './in-memory-spending-budget.js';
import { InMemoryUsageLedger } from './in-memory-usage-ledger.js';
import { InMemoryWorkflowRepository } from './in-memory-workflow-repository.js';
import { InMemoryWebhookSecretRepository } from './in-memory-webhook-secret-repository.js';
import { MemoryStore } from './store.js';

/**
 * All persistence ports over one set of maps; passes the suites of test/contracts/persistence. The clock is the
 * test's, so that claims end and outbox entries fall due when it says so.
 */
export class InMemoryPersistence {
  readonly store: MemoryStore;
  readonly deliveries: InMemoryDeliveryRepository;
  readonly incidents: InMemoryIncidentRepository;
  readonly catalog: InMemoryIncidentCatalog;
  readonly analytics: InMemoryIncidentAnalytics;
  readonly outbox: InMemoryIncidentOutbox;
  readonly progress: InMemoryDiagnosisProgress;
  readonly logs: InMemoryLogArchive;
  readonly patterns: InMemoryPatternRepository;
  readonly diagnoses: InMemoryDiagnosisRepository;
  readonly patternCatalog: InMemoryPatternCatalog;
  readonly feedback: InMemoryFeedbackRepository;
  readonly projects: InMemoryProjectRepository;
  readonly webhookSecrets: InMemoryWebhookSecretRepository;
  readonly githubApps: InMemoryGithubAppRepository;
  readonly githubAppSetups: InMemoryGithubAppSetupRepository;
  readonly apiKeys: InMemoryApiKeyRepository;
  readonly failedJobs: InMemoryFailedJobRepository;
  readonly usage: InMemoryUsageLedger;
  readonly budget: InMemorySpendingBudget;
  readonly modelPolicies: InMemoryModelPolicies;
  readonly agentStates: InMemoryAgentStates;
  readonly similarity: InMemorySimilaritySearch;
  readonly workflows: InMemoryWorkflowRepository;
  readonly actions: InMemoryActionLedger;
  readonly actionPolicies: InMemoryActionPolicies;
  readonly knowledge: InMemoryKnowledgeRepository;
  readonly backgroundJobs: InMemoryBackgroundJobs;
  readonly channels: InMemoryChannelRepository;
  readonly eraser: InMemoryProjectEraser;
  readonly repairs: InMemoryRepairRepository;
  readonly retention: InMemoryRetention;

  constructor(clock: Clock = { now: () => new Date() }) {
    this.store = new MemoryStore(clock);
    this.deliveries = new InMemoryDeliveryRepository(this.store);
    this.incidents = new InMemoryIncidentRepository(this.store);
    this.catalog = new InMemoryIncidentCatalog(this.store, this.incidents);
    this.analytics = new InMemoryIncidentAnalytics(this.store);
    this.outbox = new InMemoryIncidentOutbox(this.store);
    this.progress = new InMemoryDiagnosisProgress(this.store);
    this.logs = new InMemoryLogArchive(this.store);
    this.patterns = new InMemoryPatternRepository(this.store);
    this.diagnoses = new InMemoryDiagnosisRepository(this.store);
    this.patternCatalog = new InMemoryPatternCatalog(this.store);
    this.feedback = new InMemoryFeedbackRepository(this.store);
    this.projects = new InMemoryProjectRepository(this.store);
    this.webhookSecrets = new InMemoryWebhookSecretRepository(this.store);
    this.githubApps = new InMemoryGithubAppRepository(this.store);
    this.githubAppSetups = new InMemoryGithubAppSetupRepository(this.store);
    this.apiKeys = new InMemoryApiKeyRepository(this.store);
    this.failedJobs = new InMemoryFailedJobRepository(this.store);
    this.usage = new InMemoryUsageLedger(this.store);
    this.budget = new InMemorySpendingBudget(this.store);
    this.modelPolicies = new InMemoryModelPolicies(this.store);
    this.agentStates = new InMemoryAgentStates(this.store);
    this.similarity = new InMemorySimilaritySearch(this.store);
    this.workflows = new InMemoryWorkflowRepository(this.store);
    this.actions = new InMemoryActionLedger(this.store);
    this.actionPolicies = new InMemoryActionPolicies(this.store);
    this.knowledge = new InMemoryKnowledgeRepository(this.store);
    this.backgroundJobs = new InMemoryBackgroundJobs(this.store);
    this.channels = new InMemoryChannelRepository(this.store);
    this.eraser = new InMemoryProjectEraser(this.store);
    this.repairs = new InMemoryRepairRepository(this.store);
    this.retention = new InMemoryRetention(this.store);
  }
}
