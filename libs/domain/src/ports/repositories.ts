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
import type { JobReport, RunReport } from '../run-facts.js';

export interface Project {
  readonly id: string;
  readonly repository: RepositoryRef;
  readonly createdAt: Date;
  /** Of the GitHub App that has the repository; null without one. */
  readonly installationId: number | null;
  /**
   * Since when the product may ask about its runs: a delivery or an App told of it, or somebody added it. Null: it is known
   * only by logs that were handed in.
   */
  readonly connectedAt: Date | null;
  /** When the App lost the repository or was suspended; null while it is connected. */
  readonly disconnectedAt: Date | null;
  /** Until when the runs of the CI system were compared with what deliveries told; null: never. */
  readonly seenUntil: Date | null;
}

/** Whether the product watches its runs. */
export function isConnected({ connectedAt, disconnectedAt }: Project): boolean {
  return connectedAt !== null && disconnectedAt === null;
}

/** A webhook secret of a project as it is stored: sealed. */
export interface SealedSecret {
  readonly id: string;
  readonly projectId: string;
  readonly sealed: string;
  readonly createdAt: Date;
  /** Null: until it is replaced. */
  readonly expiresAt: Date | null;
}

/** An incident that has work to do: what is put on the queue. */
export interface Dispatch {
  readonly incidentId: string;
  readonly sequence: number;
  /**
   * Its place in its project's line, from 1: who has little waiting goes before who has much. Left out: before all,
   * since a person waits.
   */
  readonly turn?: number;
}

export interface OpenedIncident extends Dispatch {
  /** `opened`: new. `reopened`: a later failed attempt. `known`: nothing to do, already counted. */
  readonly outcome: 'opened' | 'reopened' | 'known';
}

/** An incident that a later passing run proved repaired. */
export interface ResolvedIncident {
  readonly incidentId: string;
  readonly projectId: string;
}

export interface RecordedDelivery {
  /** The delivery had been stored before; nothing was changed. */
  readonly duplicate: boolean;
  /** Something is still to be asked of the CI system: `expand-run`, at this place in the project's line. */
  readonly pending: { readonly turn: number } | null;
  /** The signature is not this repository's: its project has secrets of its own. Nothing was stored. */
  readonly refused: boolean;
  readonly incidents: readonly OpenedIncident[];
  readonly resolved: readonly ResolvedIncident[];
  readonly projectId: string | null;
}

/** How a delivery was proven. */
export interface Signer {
  /** By the secret of the whole product, which doesn't hold for a project with secrets of its own. */
  readonly isShared: boolean;
  /** Done again at somebody's wish: what is stored under this id is replaced. */
  readonly isReplay?: boolean;
}

/** What must be known of a run before an incident can be settled: where it comes from, or how its jobs ended. */
export interface WantedRun {
  readonly runId: number;
  /** Null: where the run comes from. A number: the jobs of this attempt. */
  readonly attempt: number | null;
}

/** Facts as the CI system tells them. */
export interface RunFacts {
  readonly runs: readonly RunReport[];
  readonly jobs: readonly JobReport[];
  /** Attempts of which `jobs` has all. */
  readonly listed: readonly {
    readonly repository: RepositoryRef;
    readonly runId: number;
    readonly attempt: number;
  }[];
}

export interface DeliveryFilter {
  /** Only of these projects; undefined = all, those without a project too. */
  readonly projectIds?: readonly string[];
  readonly status?: readonly DeliveryStatus[];
  readonly event?: string;
}

/** The queue's job of a pending delivery. */
export interface DeliveryDispatch {
  readonly deliveryId: string;
  /** Part of the job's id. */
  readonly sequence: number;
  /** Its place in its project's line. */
  readonly turn: number;
}

export abstract class DeliveryRepository {
  /**
   * Stores the delivery with its facts, opens the incidents it means and resolves those that it proves repaired, all in
   * one transaction. What asks something of the CI system is stored as `pending`, anything else as `processed` or
   * `ignored`.
   * @throws ExternalFailure `database_away`
   */
  abstract record(delivery: Delivery, signer?: Signer): Promise<RecordedDelivery>;
  abstract find(id: string): Promise<StoredDelivery | null>;
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract list(filter: DeliveryFilter, limit: number, cursor: string | null): Promise<Page<StoredDelivery>>;
  /** What is kept for a replay; null when nothing is, or no longer. */
  abstract findPayload(id: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** What was noted on the latest delivery that opened this incident; null when nothing was. */
  abstract findNote(incidentId: string): Promise<string | null>;
  /**
   * Opens the incidents of a pending delivery's failed jobs and marks it, in one transaction; does nothing for a
   * delivery that is not pending. A job with an empty name stands for the run itself and is opened only when the run
   * has no incident yet. While something is still wanted of the CI system it stays pending.
   */
  abstract expand(
    id: string,
    jobs: readonly FailedJob[],
    status: Exclude<DeliveryStatus, 'pending'>,
    note: string | null,
  ): Promise<readonly OpenedIncident[]>;
  /** What a pending delivery's incidents want of the CI system, a few at a time; empty when it is known. */
  abstract wanted(id: string): Promise<readonly WantedRun[]>;
  /** Adds facts, whichever order they come in, and resolves what they prove repaired. */
  abstract learn(facts: RunFacts): Promise<readonly ResolvedIncident[]>;
  /** Marks a pending delivery; does nothing for another. */
  abstract close(id: string, status: Exclude<DeliveryStatus, 'pending'>, note: string | null): Promise<void>;
  /** Pending deliveries not dispatched since `before`, each project's oldest first. */
  abstract due(before: Date, limit: number): Promise<readonly DeliveryDispatch[]>;
  /**
   * Marks those of these as processed that only asked something of the CI system, when others have told it meanwhile.
   * Returns their ids.
   */
  abstract closeAnswered(ids: readonly string[]): Promise<readonly string[]>;
  /** Notes that the queue holds these. */
  abstract markDispatched(ids: readonly string[], now: Date): Promise<void>;
  /** Gives those that are still pending their next sequence, which they are returned with, and marks them dispatched. */
  abstract redispatch(ids: readonly string[], now: Date): Promise<readonly Omit<DeliveryDispatch, 'turn'>[]>;
  /** Of these attempts of a project's runs, those whose end no delivery has told. */
  abstract unknownAttempts(
    projectId: string,
    attempts: readonly { readonly runId: number; readonly attempt: number }[],
  ): Promise<readonly { readonly runId: number; readonly attempt: number }[]>;
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
  readonly headSha?: string;
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
   * that the workflow and job ran again and passed; `facts.reopened` = true of a move to `received` that what has passed
   * until now is no proof of a repair.
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
  /**
   * Incidents in `received`, or `diagnosing` with an ended claim, that were not dispatched since `before`: each project's
   * oldest before anybody's second.
   */
  abstract due(before: Date, now: Date, limit: number): Promise<Dispatch[]>;
  /** Raises the sequence of an incident that is dispatched again; null when it has no work any more. */
  abstract redispatch(incidentId: string, now: Date): Promise<Dispatch | null>;
  /** Records that the queue holds the dispatches, as it still does with work that was committed a while ago. */
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
  /** Ends the diagnosis; what a later run has proven repaired meanwhile is resolved with it. */
  abstract finish(claim: Claim, outcome: DiagnosisOutcome): Promise<{ readonly resolved: boolean }>;
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
  abstract findByRepository(repository: RepositoryRef): Promise<Project | null>;
  /** The project of a repository, made when it is new, and connected from now on. */
  abstract ensure(repository: RepositoryRef): Promise<Project>;
  abstract list(): Promise<readonly Project[]>;
  /** Notes how far the runs were compared; an earlier moment than the noted one changes nothing. */
  abstract markSeen(id: string, until: Date): Promise<void>;
}

/** Webhook secrets of projects. A project that has one is no longer vouched for by the product's own. */
export abstract class WebhookSecretRepository {
  /** Those that hold at this moment, the newest first. */
  abstract active(projectId: string, now: Date): Promise<readonly SealedSecret[]>;
  /** Whether any project has one that holds at this moment. */
  abstract isAnyActive(now: Date): Promise<boolean>;
  /**
   * Adds a secret (its id is made by whoever sealed it, for the seal is bound to it) and lets those before it end at
   * `expireOthersAt`, unless they end earlier.
   * @throws ProjectNotFound
   */
  abstract rotate(secret: SealedSecret, expireOthersAt: Date): Promise<void>;
  /** Ends all; the product's own secret vouches for the project again. */
  abstract clear(projectId: string): Promise<void>;
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
