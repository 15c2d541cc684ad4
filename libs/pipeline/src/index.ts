export { IssueApiKey, hashApiKey } from './api-keys.js';
export { AnnounceChanges } from './announce-changes.js';
export { InvalidateViews } from './invalidate-views.js';
export { DispatchWork } from './dispatch-work.js';
export { IngestDelivery } from './ingest-delivery.js';
export { ExpandRun } from './expand-run.js';
export { SweepOutbox, type SweepLimits } from './sweep-outbox.js';
export { ReconcileRuns, type ReconcileLimits, type ReconcileTools } from './reconcile-runs.js';
export { HAND_MOVES, MoveIncident, type HandMove } from './move-incident.js';
export { WebhookSecrets, type WebhookSecretState } from './webhook-secrets.js';
export { JobBackground } from './job-background.js';
export { logReading, ReadLog } from './read-log.js';
export { FindSimilar } from './find-similar.js';
export { FindPassages } from './find-passages.js';
export { GatherFiles, type FileLimits, type GatheredFiles } from './gather-files.js';
export { GatherMaterial, type Material } from './gather-material.js';
export { FindSimilarTo, type SimilarTo } from './find-similar-to.js';
export { Reason } from './reason.js';
export { DiagnoseIncident, type DiagnosisRun, type DiagnosisStores } from './diagnose-incident.js';
export {
  GiveFeedback,
  type FeedbackStores,
  type FeedbackTools,
  type GivenFeedback,
  type Verdict,
} from './give-feedback.js';
export { wordsOfCause } from './words-of-cause.js';
export { EraseProject, type ErasedProject } from './erase-project.js';
export { ForgetExpired } from './forget-expired.js';
export { FindMergeCandidates, type MergeCandidate } from './find-merge-candidates.js';
export { LearnFromRepairs } from './learn-from-repairs.js';
export { RecallLearned, describeFix } from './recall-learned.js';
export { SubmitLog, type SubmittedLog } from './submit-log.js';
export { RediagnoseFallbacks, type RediagnosisStores } from './rediagnose-fallbacks.js';
export { AnswerQuestion, type Question } from './chat/answer-question.js';
export { Converse } from './chat/converse.js';
export { IncidentSources, type IncidentSource, type IncidentSourceParts } from './chat/incident-sources.js';
export * from './remediation/index.js';
