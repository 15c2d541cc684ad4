import type { Diagnosis, IncidentDiagnosis } from '../diagnosis.js';
import type { AnchoredCitation } from '../evidence.js';
import type { FailureCategory } from '../failure-taxonomy.js';
import type { ArchivedLog, FailurePattern, Incident } from '../incident.js';

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
