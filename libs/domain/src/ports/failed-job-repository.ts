export interface FailedJobRecord {
  readonly jobId: string;
  readonly name: string;
  readonly subject: string;
  readonly error: string;
  readonly attempts: number;
  readonly failedAt: Date;
}

export abstract class FailedJobRepository {
  abstract record(job: FailedJobRecord): Promise<void>;
  abstract list(limit: number): Promise<readonly FailedJobRecord[]>;
}
