import { ActionEntity } from './action.entity.js';
import { ActionPolicyEntity } from './action-policy.entity.js';
import { ActionUseEntity } from './action-use.entity.js';
import { AgentStateEntity } from './agent-state.entity.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ArchivedLogEntity } from './archived-log.entity.js';
import { BackgroundJobEntity } from './background-job.entity.js';
import { BranchCountEntity } from './branch-count.entity.js';
import { BudgetUseEntity } from './budget-use.entity.js';
import { ChannelEntity } from './channel.entity.js';
import { ChannelMessageEntity } from './channel-message.entity.js';
import { DeliveryEntity } from './delivery.entity.js';
import { DiagnosisEntity } from './diagnosis.entity.js';
import { DiagnosisStepEntity } from './diagnosis-step.entity.js';
import { DocumentEntity } from './document.entity.js';
import { FacetCountEntity } from './facet-count.entity.js';
import { FailedJobEntity } from './failed-job.entity.js';
import { FeedbackEntity } from './feedback.entity.js';
import { IncidentCountEntity } from './incident-count.entity.js';
import { IncidentDiagnosisEntity } from './incident-diagnosis.entity.js';
import { IncidentEmbeddingEntity } from './incident-embedding.entity.js';
import { IncidentEntity } from './incident.entity.js';
import { IncidentEventEntity } from './incident-event.entity.js';
import { GithubAppEntity } from './github-app.entity.js';
import { GithubAppSetupEntity } from './github-app-setup.entity.js';
import { LikelyFixEntity } from './likely-fix.entity.js';
import { JobAttemptEntity } from './job-attempt.entity.js';
import { ModelPolicyEntity } from './model-policy.entity.js';
import { OccurrenceEntity } from './occurrence.entity.js';
import { PassageEntity } from './passage.entity.js';
import { PatternEntity } from './pattern.entity.js';
import { PatternEventEntity } from './pattern-event.entity.js';
import { ProjectEntity } from './project.entity.js';
import { RepairEntity } from './repair.entity.js';
import { PullHeadEntity } from './pull-head.entity.js';
import { PullRequestEntity } from './pull-request.entity.js';
import { RunAttemptEntity } from './run-attempt.entity.js';
import { RunDayEntity } from './run-day.entity.js';
import { RunEntity } from './run.entity.js';
import { UsageEntryEntity } from './usage-entry.entity.js';
import { WorkflowEntity } from './workflow.entity.js';
import { WebhookSecretEntity } from './webhook-secret.entity.js';

/** Every table, for the DataSource. */
export const ENTITIES = [
  ProjectEntity,
  WebhookSecretEntity,
  DeliveryEntity,
  RunEntity,
  RunAttemptEntity,
  RunDayEntity,
  JobAttemptEntity,
  PullRequestEntity,
  PullHeadEntity,
  IncidentEntity,
  IncidentCountEntity,
  BranchCountEntity,
  OccurrenceEntity,
  IncidentEventEntity,
  DiagnosisStepEntity,
  ArchivedLogEntity,
  PatternEntity,
  DiagnosisEntity,
  IncidentDiagnosisEntity,
  IncidentEmbeddingEntity,
  UsageEntryEntity,
  BudgetUseEntity,
  ModelPolicyEntity,
  AgentStateEntity,
  ApiKeyEntity,
  FacetCountEntity,
  FailedJobEntity,
  WorkflowEntity,
  ActionEntity,
  ActionUseEntity,
  ActionPolicyEntity,
  DocumentEntity,
  PassageEntity,
  BackgroundJobEntity,
  ChannelEntity,
  ChannelMessageEntity,
  PatternEventEntity,
  GithubAppEntity,
  GithubAppSetupEntity,
  FeedbackEntity,
  RepairEntity,
  LikelyFixEntity,
];
