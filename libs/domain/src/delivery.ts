import type { FailedJob } from './incident.js';
import type { RepositoryRef } from './repository-ref.js';

/** A run attempt that ended in failure, whose failed jobs are still to be listed. */
export interface FailedRun {
  readonly repository: RepositoryRef;
  readonly runId: number;
  readonly attempt: number;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly conclusion: string;
  readonly headSha: string | null;
  readonly branch: string | null;
  readonly pullRequests: readonly number[];
  readonly failedAt: Date;
  readonly url: string | null;
}

/** What a delivery means to the product. */
export type DeliveryMeaning =
  | { readonly kind: 'failed_job'; readonly job: FailedJob }
  | { readonly kind: 'failed_run'; readonly run: FailedRun }
  | { readonly kind: 'ignored'; readonly reason: string };

/** `pending` is a failed run whose jobs are still to be listed: the delivery row is its outbox. */
export type DeliveryStatus = 'pending' | 'processed' | 'ignored' | 'failed';

/** A webhook delivery. `id` is GitHub's `X-GitHub-Delivery`, which makes it idempotent. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly action: string | null;
  readonly repository: RepositoryRef | null;
  readonly receivedAt: Date;
  readonly meaning: DeliveryMeaning;
}

export interface StoredDelivery extends Delivery {
  readonly status: DeliveryStatus;
  readonly note: string | null;
  readonly incidentIds: readonly string[];
}
