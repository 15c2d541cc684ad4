import type { FailureCategory } from '../failure-taxonomy.js';
import type { IncidentStatus } from '../incident-status.js';
import type { FailedJob, Incident, IncidentEvent, Occurrence } from '../incident.js';
import type { Page } from './page.js';

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
