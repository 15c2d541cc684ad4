/** Kinds of what is kept for a time, in the order in which they are forgotten: what refers to others goes first. */
export const EXPIRING = [
  'logs',
  'incidents',
  'patterns',
  'feedback',
  'actions',
  'deliveries',
  'runs',
  'run_days',
  'pull_requests',
  'pull_heads',
  'usage',
  'budget_use',
  'action_use',
  'webhook_secrets',
  'failed_jobs',
] as const;
export type Expiring = (typeof EXPIRING)[number];

/** Days after which what is kept is forgotten. */
export interface RetentionDays {
  readonly logDays: number;
  readonly diagnosisDays: number;
  /** Deliveries, and what they told of runs and pull requests. */
  readonly deliveryDays: number;
  readonly usageDays: number;
}

/** A project's own days; null: as configured for all. */
export interface ProjectRetention {
  readonly logDays: number | null;
  readonly diagnosisDays: number | null;
}

/** Failed jobs are for people to look at, who have looked by then. */
export const FAILED_JOB_DAYS = 7;

/** What is kept, and forgotten when its time has come. */
export abstract class Retention {
  /**
   * Deletes at most `limit` of a kind, the oldest first; returns how many. What waits or is under way stays, and so does a
   * diagnosis that a living pattern or incident shows. Of runs that go, how many ended on each day is kept.
   */
  abstract forget(kind: Expiring, days: RetentionDays, limit: number): Promise<number>;
  /** @throws ProjectNotFound */
  abstract ofProject(projectId: string): Promise<ProjectRetention>;
  /** Sets what `retentionInForce` has allowed. @throws ProjectNotFound */
  abstract setForProject(projectId: string, retention: ProjectRetention): Promise<void>;
}
