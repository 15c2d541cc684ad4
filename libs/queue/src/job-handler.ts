import { ExternalFailure, type FailedJobRecord, type Job, type JobName } from '@app/domain';

export interface JobContext {
  /** Aborted when the process must end, or when another worker has taken the job over. */
  readonly signal: AbortSignal;
  /** How often the job has failed before: 0 at the first try. */
  readonly attemptsMade: number;
  /** Whether a failure of this try is the job's final one. */
  readonly isLastAttempt: boolean;
}

/**
 * Does one job. Resolving completes it; throwing has it tried again after a pause, or fails it for good when it was
 * the last attempt or the error says that no retry can help.
 */
export type JobHandler<N extends JobName = JobName> = (
  job: Extract<Job, { name: N }>,
  context: JobContext,
) => Promise<void>;

export type JobHandlers = { readonly [N in JobName]: JobHandler<N> };

/** Told of every job that has failed for good. */
export type FailedJobListener = (record: FailedJobRecord) => Promise<void> | void;

/** Whether trying again is pointless. */
export function isHopeless(error: unknown): boolean {
  return error instanceof ExternalFailure && !error.retryable;
}
