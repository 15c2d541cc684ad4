import type { BackgroundJob, BackgroundJobState } from '../background-job.js';
import type { JobHold, ProjectScope } from './knowledge-repository.js';
import type { Page } from './page.js';

/** The state of background jobs, which is also their outbox: what is `queued` here and in no queue is dispatched again. */
export abstract class BackgroundJobs {
  abstract find(id: string): Promise<BackgroundJob | null>;
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract list(
    filter: { readonly projectIds: ProjectScope; readonly state?: BackgroundJobState },
    limit: number,
    cursor: string | null,
  ): Promise<Page<BackgroundJob>>;

  /** Takes a job that is queued or running, under this sequence, and counts the attempt. Null: nothing to do any more. */
  abstract begin(id: string, sequence: number): Promise<BackgroundJob | null>;
  /** Back to `queued` after a failure that is tried again, with what went wrong. */
  abstract postpone(hold: JobHold, error: string): Promise<void>;
  /** Ends it and its document as `failed`; nothing happens when it was cancelled or taken over. */
  abstract fail(hold: JobHold, error: string): Promise<void>;

  /** Ends a queued or running job and its document; null when it is neither. */
  abstract cancel(id: string): Promise<BackgroundJob | null>;
  /** Queues a failed or cancelled job again under a new sequence; null when it is neither. */
  abstract retry(id: string): Promise<BackgroundJob | null>;

  /** Jobs that are queued or running and were not written to since `before`, the oldest first. */
  abstract due(before: Date, limit: number): Promise<readonly BackgroundJob[]>;
  /** Marks a due job as dispatched again, under a new sequence unless the queue still holds it. Null: it ended. */
  abstract redispatch(id: string, isHeld: boolean): Promise<BackgroundJob | null>;
  /** Removes jobs that ended before `before`: failed and cancelled ones with their documents. Returns how many. */
  abstract removeEnded(before: Date): Promise<number>;
}
