import type { DatabaseInspection } from '@app/persistence';

/** What earlier checks found out, for those that build on it. */
export interface Looked {
  /** Null: the database was not reached. */
  readonly database: () => DatabaseInspection | null;
}
