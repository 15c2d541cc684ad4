import type { AnchoredCitation } from '../evidence.js';
import type { Delivery, DeliveryStatus, StoredDelivery } from '../delivery.js';
import type { Diagnosis, IncidentDiagnosis } from '../diagnosis.js';
import type { FailureCategory } from '../failure-taxonomy.js';
import type {
  ArchivedLog,
  FailedJob,
  FailurePattern,
  Incident,
  IncidentEvent,
  Occurrence,
} from '../incident.js';
import type { IncidentStatus } from '../incident-status.js';
import type { RepositoryRef } from '../repository-ref.js';

export interface Project {
  readonly id: string;
  readonly repository: RepositoryRef;
  readonly createdAt: Date;
}

/** An incident that has work to do: what is put on the queue. */
export interface Dispatch {
  readonly incidentId: string;
  readonly sequence: number;
}

export interface OpenedIncident extends Dispatch {
  /** `opened`: new. `reopened`: a later failed attempt. `known`: nothing to do, already counted. */
  readonly outcome: 'opened' | 'reopened' | 'known';
}

export interface RecordedDelivery {
  /** The delivery had been stored before; nothing was changed. */
  readonly duplicate: boolean;
  readonly incidents: readonly OpenedIncident[];
}

export abstract class DeliveryRepository {
  /**
   * Stores the delivery and opens the incidents it means, all in one transaction. A `failed_run` is stored as
   * `pending`, anything else as `processed` or `ignored`.
   * @throws ExternalFailure `database_away`
   */
  abstract record(delivery: Delivery): Promise<RecordedDelivery>;
  abstract find(id: string): Promise<StoredDelivery | null>;
  /** What was noted on the latest delivery that opened this incident; null when nothing was. */
  abstract findNote(incidentId: string): Promise<string | null>;
  /**
   * Opens the incidents of a pending delivery's failed jobs and marks it, in one transaction; does nothing for a
   * delivery that is not pending. A job with an empty name stands for the run itself and is opened only when the run
   * has no incident yet.
   */
  abstract expand(
    id: string,
    jobs: readonly FailedJob[],
    status: Exclude<DeliveryStatus, 'pending'>,
    note: string | null,
  ): Promise<readonly OpenedIncident[]>;
  /**
   * Pending deliveries not dispatched since `before`, oldest first. Marks them dispatched at `now` and raises
   * their sequence.
   */
  abstract takeDue(
    before: Date,
    now: Date,
    limit: number,
  ): Promise<{ deliveryId: string; sequence: number }[]>;
}

export interface IncidentFilter {
  /** Only these projects; undefined = all. */
  readonly projectIds?: readonly string[];
  readonly text?: string;
  readonly status?: readonly IncidentStatus[];
  readonly category?: readonly FailureCategory[];
  readonly severity?: readonly string[];
  readonly determinism?: readonly string[];
  readonly branch?: string;
  readonly fingerprint?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly nextCursor: string | null;
}

export abstract class IncidentRepository {
  /** Opens incidents for failed jobs in one transaction; idempotent by (project, run, job name, attempt). */
  abstract open(jobs: readonly FailedJob[]): Promise<readonly OpenedIncident[]>;
  abstract find(id: string): Promise<Incident | null>;
  /** @throws IncidentNotFound */
  abstract get(id: string): Promise<Incident>;
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract list(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>>;
  abstract timeline(id: string): Promise<readonly IncidentEvent[]>;
  abstract occurrences(id: string): Promise<readonly Occurrence[]>;
  /**
   * Moves an incident by hand or by policy; writes the timeline. `facts.verified` = true says of a move to `resolved`
   * that the workflow and job ran again and passed.
   * @throws IncidentNotFound, IllegalTransition
   */
  abstract move(
    id: string,
    to: IncidentStatus,
    reason: string,
    facts?: Record<string, unknown>,
  ): Promise<Dispatch>;
}

/** The outbox side of the incident table. */
export abstract class IncidentOutbox {
  /** Incidents in `received`, or `diagnosing` with an ended claim, that were not dispatched since `before`. */
  abstract due(before: Date, now: Date, limit: number): Promise<Dispatch[]>;
  /** Raises the sequence of an incident that is dispatched again; null when it has no work any more. */
  abstract redispatch(incidentId: string, now: Date): Promise<Dispatch | null>;
  /** Records that the queue took the dispatches. */
  abstract markDispatched(dispatches: readonly Dispatch[], now: Date): Promise<void>;
}

/** What an ended step left behind; plain JSON. */
export type StepResult = Readonly<Record<string, unknown>>;

/** A worker's exclusive hold on an incident: every write of a diagnosis names the token. */
export interface Claim {
  readonly incident: Incident;
  readonly token: string;
}

export interface DiagnosisOutcome {
  /** `ignored`: the pattern is muted. */
  readonly status: 'diagnosed' | 'diagnosis_failed' | 'ignored';
  readonly reason: string | null;
  readonly diagnosisId: string | null;
  readonly citations: readonly AnchoredCitation[];
  readonly reused: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The worker's side of a diagnosis: claims, checkpoints and the end. All throw `ClaimLost` when the token is old. */
export abstract class DiagnosisProgress {
  /**
   * Takes an incident in `received`, or in `diagnosing` with an ended claim, to `diagnosing`. Null when there is
   * nothing to take.
   */
  abstract claim(incidentId: string, leaseMs: number): Promise<Claim | null>;
  abstract renew(claim: Claim, leaseMs: number): Promise<void>;
  /** Gives the incident back to `received` without a result (shutdown, retry later). */
  abstract release(claim: Claim, reason: string): Promise<void>;
  abstract steps(claim: Claim): Promise<ReadonlyMap<string, StepResult>>;
  abstract saveStep(claim: Claim, step: string, result: StepResult): Promise<void>;
  abstract finish(claim: Claim, outcome: DiagnosisOutcome): Promise<void>;
}

export abstract class LogArchive {
  /** Stores or replaces the log of (incident, attempt). */
  abstract save(log: ArchivedLog): Promise<void>;
  abstract find(incidentId: string, attempt: number): Promise<ArchivedLog | null>;
}

export interface PatternSighting {
  readonly incidentId: string;
  readonly attempt: number;
  readonly projectId: string;
  readonly fingerprint: string;
  readonly signature: string;
  readonly category: FailureCategory;
  readonly subcategory: string | null;
  readonly determinism: string;
  readonly confidence: number;
  readonly seenAt: Date;
}

/** Which pattern: by its row, and by what it is everywhere else. */
export type PatternRef = Pick<FailurePattern, 'id' | 'projectId' | 'fingerprint'>;

export abstract class PatternRepository {
  /** Counts an occurrence once per (incident, attempt), however often it is called, and links the incident. */
  abstract recordSighting(sighting: PatternSighting): Promise<FailurePattern>;
  /** The pattern's diagnosis if it was made by this analyst and is still valid. */
  abstract findDiagnosis(pattern: PatternRef, analyst: string): Promise<Diagnosis | null>;
  /** The pattern's diagnosis is not reused any more (it was wrong, or a fresh one is wanted); it stays where it is shown. */
  abstract invalidateDiagnosis(pattern: PatternRef): Promise<void>;
  abstract find(projectId: string, fingerprint: string): Promise<FailurePattern | null>;
}

/** Incidents whose shown diagnosis somebody else gave in the model's place. */
export interface FallbackQuery {
  /** Why: the code at the beginning of the diagnosis's `fallbackReason`. */
  readonly codes: readonly string[];
  readonly madeBefore: Date;
  /** The `cause` in the timeline that counts as an offer, and how many there may be at most, this one included. */
  readonly offer: string;
  readonly maxOffers: number;
  readonly limit: number;
}

export abstract class DiagnosisRepository {
  /** Stores a diagnosis and makes it the pattern's current one; idempotent by id. Answers the pattern. */
  abstract save(diagnosis: Diagnosis): Promise<PatternRef>;
  /** The diagnosis an incident shows, with the citations anchored to its log. */
  abstract ofIncident(incidentId: string): Promise<IncidentDiagnosis | null>;
  /** Ids of `diagnosed` incidents, the oldest diagnosis first. */
  abstract fellBack(query: FallbackQuery): Promise<readonly string[]>;
}

export abstract class ProjectRepository {
  abstract find(id: string): Promise<Project | null>;
  /** The project of a repository, made when it is new. */
  abstract ensure(repository: RepositoryRef): Promise<Project>;
  abstract list(): Promise<readonly Project[]>;
}

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Null = every project. */
  readonly projectIds: readonly string[] | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export abstract class ApiKeyRepository {
  /** `hash` is the SHA-256 of the key, hex; the key itself is never stored. */
  abstract create(key: {
    name: string;
    role: Role;
    projectIds: readonly string[] | null;
    hash: string;
  }): Promise<ApiKey>;
  abstract findActiveByHash(hash: string): Promise<ApiKey | null>;
  abstract list(): Promise<readonly ApiKey[]>;
  /** False when there is no such active key. */
  abstract revoke(id: string): Promise<boolean>;
}

export interface FailedJobRecord {
  readonly jobId: string;
  readonly name: string;
  readonly subject: string;
  readonly error: string;
  readonly attempts: number;
  readonly failedAt: Date;
}

export abstract class FailedJobRepository {
  abstract record(job: FailedJobRecord): Promise<void>;
  abstract list(limit: number): Promise<readonly FailedJobRecord[]>;
}
