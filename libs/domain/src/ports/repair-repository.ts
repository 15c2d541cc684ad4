import type { LikelyFix } from '../failure-pattern.js';
import type { RepositoryRef } from '../repository-ref.js';

/** The run that proved an incident repaired. */
export interface Repair {
  readonly incidentId: string;
  readonly runId: number;
  readonly attempt: number;
  readonly passedAt: Date;
}

/** A repair that something can still be learned from. */
export interface DueRepair extends Repair {
  readonly projectId: string;
  readonly repository: RepositoryRef;
  readonly patternId: string | null;
  /** The run that failed. */
  readonly failedRunId: number;
  readonly redSha: string | null;
  /** Known for the run that failed itself; null: still to be asked for. */
  readonly greenSha: string | null;
  /** Tries that failed so far. */
  readonly tries: number;
}

/** What was learned: which commit passed, and what came between. */
export interface LearnedRepair {
  readonly greenSha: string | null;
  readonly sameCommit: boolean;
  readonly fix: Omit<LikelyFix, 'incidentId' | 'redSha' | 'greenSha' | 'foundAt'> | null;
  /** Why nothing could be learned; null otherwise. */
  readonly note: string | null;
}

/** What turned green, and what can be learned from it. */
export abstract class RepairRepository {
  /**
   * Takes up resolved incidents whose repair a run proved and that were not taken up before. One that a later attempt of
   * the run itself repaired passed on the commit that had failed: nothing has to be asked.
   * @returns how many
   */
  abstract takeUp(limit: number): Promise<number>;
  /** Those whose commits are to be asked for now, the longest waiting first. */
  abstract due(now: Date, limit: number): Promise<readonly DueRepair[]>;
  /** Ends a due repair. A fix that the pattern has already is stored once. */
  abstract learn(repair: Repair, learned: LearnedRepair): Promise<void>;
  /** Tries it again at `at`. */
  abstract postpone(repair: Repair, at: Date, note: string): Promise<void>;
}
