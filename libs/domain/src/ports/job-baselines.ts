import type { RepositoryRef } from '../repository-ref.js';

/**
 * What successful runs of a job print: the templates of their lines, redacted, never the lines themselves. Plain JSON
 * of at most 256 KB, to be kept as it is.
 */
export interface LogBaseline {
  readonly version: number;
  /** How many runs it was made from. */
  readonly runs: number;
  /** Physical lines of all of them. */
  readonly lines: number;
  /** Templates of lines that a rule may take for a finding: warnings, expected errors, flaky complaints. */
  readonly telling: readonly string[];
  /** Templates of all others. */
  readonly ordinary: readonly string[];
}

/** The job whose log is to be compared. */
export interface ComparedJob {
  readonly repository: RepositoryRef;
  readonly workflowId: number;
  readonly branch: string;
  readonly jobName: string;
  /** The commit that failed: green runs of it are no comparison. */
  readonly headSha: string | null;
}

/** What green runs of failed jobs print, so that what is new in a failed log stands out. */
export abstract class JobBaselines {
  /**
   * From the job's last green run on its branch, else on any branch of the repository. Null when there is none or it can't be
   * read: a diagnosis does without it.
   * @param mayAsk false: only what is kept already, at no cost
   * @throws only `signal`'s reason
   */
  abstract find(job: ComparedJob, mayAsk: boolean, signal?: AbortSignal): Promise<LogBaseline | null>;
}
