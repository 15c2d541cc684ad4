import type {
  ActionPolicy,
  ActionRecord,
  AgentId,
  AgentState,
  AnchoredCitation,
  ApiKey,
  ArchivedLog,
  BackgroundJob,
  Channel,
  ChannelMessage,
  Clock,
  DeliveryStatus,
  Delivery,
  Diagnosis,
  FailedJobRecord,
  FailurePattern,
  Feedback,
  GithubAppSetup,
  Incident,
  IncidentEvent,
  IncidentStatus,
  KnowledgeDocument,
  LikelyFix,
  ModelPolicy,
  Passage,
  PatternEvent,
  Project,
  ProjectRetention,
  PullReport,
  RemediationWorkflow,
  SealedSecret,
  Spending,
  StepResult,
  StoredGithubApp,
  UsageEntry,
} from '@app/domain';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An incident's row: what the domain shows, and what the outbox and claims need. */
export interface IncidentRow extends Mutable<Incident> {
  sequence: number;
  /** When the incident entered the outbox or was last dispatched. */
  outboxAt: Date;
  claimToken: string | null;
  claimUntil: Date | null;
  rootCause: string | null;
  verifiedAt: Date | null;
  reopenedAt: Date | null;
  outcomeWeight: number;
  steps: Map<string, StepResult>;
}

export interface ActionRow extends Mutable<ActionRecord> {
  claimToken: string | null;
  claimUntil: Date | null;
}

export interface WorkflowRow extends Mutable<RemediationWorkflow> {
  outboxAt: Date;
}

export interface OccurrenceRow {
  incidentId: string;
  attempt: number;
  jobId: number | null;
  failedAt: Date;
  fingerprint: string | null;
  patternId: string | null;
}

export interface PatternRow extends Mutable<FailurePattern> {
  mutedBy: string | null;
  muteReason: string | null;
  mergedInto: string | null;
}

export interface ShownDiagnosis {
  readonly reused: boolean;
  readonly citations: readonly AnchoredCitation[];
  /** Since when. */
  readonly at: Date;
}

export interface RepairRow {
  incidentId: string;
  runId: number;
  attempt: number;
  patternId: string | null;
  passedAt: Date;
  redSha: string | null;
  greenSha: string | null;
  sameCommit: boolean;
  state: 'due' | 'learned' | 'given_up';
  tries: number;
  dueAt: Date;
  note: string | null;
}

export interface DeliveryRow {
  delivery: Delivery;
  status: DeliveryStatus;
  note: string | null;
  incidentIds: string[];
  projectId: string | null;
  sequence: number;
  outboxAt: Date;
}

export interface PassageRow extends Passage {
  model: string | null;
  embedding: Float32Array | null;
}

/** What is constant in a run. */
export interface RunRow {
  projectId: string;
  runId: number;
  workflowId: number | null;
  workflowName: string | null;
  branch: string | null;
  headSha: string | null;
  headRepository: string | null;
  ownWork: boolean;
  toldAt: Date;
}

export interface RunAttemptRow {
  projectId: string;
  runId: number;
  attempt: number;
  conclusion: string;
  endedAt: Date | null;
  jobsListed: boolean;
}

export interface JobAttemptRow {
  projectId: string;
  runId: number;
  jobName: string;
  attempt: number;
  jobId: number | null;
  branch: string | null;
  conclusion: string;
  failedStep: string | null;
  endedAt: Date;
  url: string | null;
}

/** The tables that the in-memory repositories share. */
export class MemoryStore {
  readonly projects = new Map<string, Project>();
  readonly webhookSecrets: Mutable<SealedSecret>[] = [];
  readonly githubApps = new Map<string, StoredGithubApp>();
  readonly githubAppSetups = new Map<string, GithubAppSetup>();
  readonly deliveries = new Map<string, DeliveryRow>();
  /** By `projectId/runId`. */
  readonly runs = new Map<string, RunRow>();
  /** By `projectId/runId/attempt`. */
  readonly runAttempts = new Map<string, RunAttemptRow>();
  /** By `projectId/runId/attempt/jobName`. */
  readonly jobAttempts = new Map<string, JobAttemptRow>();
  /** By `projectId/day`. */
  readonly runDays = new Map<string, { projectId: string; day: Date; runs: number; failed: number }>();
  /** By `projectId/number`. */
  readonly pulls = new Map<string, PullReport>();
  /** Numbers of pull requests by `projectId/headSha`. */
  readonly pullHeads = new Map<string, Set<number>>();
  readonly incidents = new Map<string, IncidentRow>();
  occurrences: OccurrenceRow[] = [];
  events: IncidentEvent[] = [];
  eventIds = 0;
  /** By `incidentId:attempt`. */
  readonly logs = new Map<string, ArchivedLog & { savedAt: Date }>();
  /** What projects say. */
  readonly retention = new Map<string, ProjectRetention>();
  readonly patterns = new Map<string, PatternRow>();
  patternEvents: (PatternEvent & { patternId: string })[] = [];
  feedback: Feedback[] = [];
  repairs: RepairRow[] = [];
  likelyFixes: (LikelyFix & { patternId: string })[] = [];
  readonly diagnoses = new Map<string, Diagnosis>();
  /** Ids of diagnoses that are not reused any more. */
  readonly invalidated = new Set<string>();
  /** By `incidentId:diagnosisId`. */
  readonly shown = new Map<string, ShownDiagnosis>();
  readonly embeddings = new Map<string, { model: string; vector: Float32Array }>();
  readonly usage: UsageEntry[] = [];
  /** By `scope period`. */
  readonly budgetUse = new Map<string, { used: Mutable<Spending>; told: boolean }>();
  readonly modelPolicies = new Map<string, ModelPolicy>();
  readonly agentStates = new Map<AgentId, AgentState>();
  readonly apiKeys = new Map<string, Mutable<ApiKey> & { hash: string }>();
  readonly failedJobs = new Map<string, FailedJobRecord>();
  readonly workflows = new Map<string, WorkflowRow>();
  readonly actions = new Map<string, ActionRow>();
  /** By `projectId day kind`. */
  readonly actionUse = new Map<string, number>();
  readonly actionPolicies = new Map<string, ActionPolicy>();
  readonly documents = new Map<string, KnowledgeDocument>();
  /** By document. */
  readonly passages = new Map<string, PassageRow[]>();
  readonly backgroundJobs = new Map<string, Mutable<BackgroundJob>>();
  readonly channels = new Map<string, Channel>();
  messages: ChannelMessage[] = [];
  messageIds = 0;

  constructor(readonly clock: Clock) {}

  addEvent(
    incidentId: string,
    kind: string,
    move: { from: IncidentStatus | null; to: IncidentStatus | null },
    facts: Record<string, unknown>,
  ): void {
    this.eventIds += 1;
    this.events.push({ id: this.eventIds, incidentId, at: this.clock.now(), kind, ...move, facts });
  }

  /** Back to work from the start: a new dispatch, no claim, no steps of the round before. */
  reopen(row: IncidentRow, reason: string | null, facts: Record<string, unknown>): void {
    this.move(row, 'received', reason, facts);
    if (facts['reopened'] === true) row.reopenedAt = this.clock.now();
    row.sequence += 1;
    row.outboxAt = this.clock.now();
    row.steps.clear();
  }

  /** Changes the status, ends any claim, and writes the timeline. */
  move(
    row: IncidentRow,
    to: IncidentStatus,
    reason: string | null,
    facts: Record<string, unknown> = {},
  ): void {
    const from = row.status;
    row.status = to;
    row.statusReason = reason;
    row.claimToken = null;
    row.claimUntil = null;
    row.verifiedBy = null;
    row.updatedAt = this.clock.now();
    row.verifiedAt = to === 'resolved' && facts['verified'] === true ? this.clock.now() : null;
    this.addEvent(row.id, 'moved', { from, to }, reason === null ? facts : { ...facts, reason });
  }
}

/** A copy, so that what a test holds doesn't change under it and can't change the store. */
export function copy<T>(value: T): T {
  return structuredClone(value);
}

export function toPattern(row: PatternRow): FailurePattern {
  const { id, projectId, fingerprint, signature, category, occurrences } = row;
  const { firstSeenAt, lastSeenAt, diagnosisId, mutedAt } = row;
  const times = copy({ firstSeenAt, lastSeenAt, mutedAt });
  return { id, projectId, fingerprint, signature, category, occurrences, diagnosisId, ...times };
}
