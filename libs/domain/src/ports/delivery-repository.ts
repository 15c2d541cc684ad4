import type { Delivery, DeliveryStatus, StoredDelivery } from '../delivery.js';
import type { FailedJob } from '../incident.js';
import type { RepositoryRef } from '../repository-ref.js';
import type { JobReport, RunReport } from '../run-facts.js';
import type { OpenedIncident, ResolvedIncident } from './incident-repository.js';
import type { Page } from './page.js';

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
