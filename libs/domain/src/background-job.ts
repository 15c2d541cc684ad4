export const BACKGROUND_JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type BackgroundJobState = (typeof BACKGROUND_JOB_STATES)[number];

export const BACKGROUND_JOB_KINDS = ['ingest-document'] as const;
export type BackgroundJobKind = (typeof BACKGROUND_JOB_KINDS)[number];

/** Work that a person started and may watch. Its row is what counts; the queue only brings it to a worker. */
export interface BackgroundJob {
  readonly id: string;
  readonly kind: BackgroundJobKind;
  /** Null: of every project. */
  readonly projectId: string | null;
  readonly documentId: string;
  /** For people: the document's title. */
  readonly title: string;
  readonly state: BackgroundJobState;
  /** Passages that are done, of `total`. */
  readonly done: number;
  readonly total: number;
  /** How often a worker has begun it. */
  readonly attempts: number;
  /** What went wrong last. */
  readonly error: string | null;
  /** Raised by each dispatch: a worker that holds an older one writes nothing. */
  readonly sequence: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly updatedAt: Date;
}
