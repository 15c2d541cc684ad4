import type { FailedJob } from './incident.js';
import type { RepositoryRef } from './repository-ref.js';
import type { HeadReport, InstallationReport, JobReport, PullReport, RunReport } from './run-facts.js';

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
  /** What started the run: `push`, `pull_request` … Null: not told. */
  readonly trigger?: string | null;
  /** `owner/name` of the repository that holds the commit: a fork's, perhaps. Null: not told. */
  readonly headRepository?: string | null;
  /** The product's own branch or commit: never remediated. */
  readonly ownWork?: boolean;
  /** When this attempt began: what ended before was not run again. Null: not told. */
  readonly startedAt?: Date | null;
  readonly failedAt: Date;
  readonly url: string | null;
}

/** What a delivery means to the product. */
export type DeliveryMeaning =
  | { readonly kind: 'failed_job'; readonly job: FailedJob }
  | { readonly kind: 'failed_run'; readonly run: FailedRun }
  /** A run that began, or ended otherwise than in failure. */
  | { readonly kind: 'run'; readonly run: RunReport }
  /** A job that ended otherwise than in failure. */
  | { readonly kind: 'job'; readonly job: JobReport }
  | { readonly kind: 'pull_request'; readonly pull: PullReport }
  | { readonly kind: 'heads'; readonly head: HeadReport }
  | { readonly kind: 'push'; readonly branch: string; readonly headSha: string; readonly ownWork: boolean }
  | { readonly kind: 'installation'; readonly installation: InstallationReport }
  | { readonly kind: 'ignored'; readonly reason: string };

/** `pending`: something is still to be asked of the CI system (a failed run's jobs, say). The row is its outbox. */
export type DeliveryStatus = 'pending' | 'processed' | 'ignored' | 'failed';

/** A webhook delivery. `id` is GitHub's `X-GitHub-Delivery`, which makes it idempotent. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly action: string | null;
  readonly repository: RepositoryRef | null;
  readonly receivedAt: Date;
  readonly meaning: DeliveryMeaning;
  /** What the product reads of the event, redacted: kept for a replay. Left out: there is nothing to replay. */
  readonly payload?: Readonly<Record<string, unknown>> | null;
}

export interface StoredDelivery extends Omit<Delivery, 'payload'> {
  /** Null where the repository is unknown. */
  readonly projectId: string | null;
  readonly status: DeliveryStatus;
  readonly note: string | null;
  readonly incidentIds: readonly string[];
}
