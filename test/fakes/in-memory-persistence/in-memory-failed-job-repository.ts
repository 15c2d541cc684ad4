import type { FailedJobRecord, FailedJobRepository } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryFailedJobRepository implements FailedJobRepository {
  constructor(private readonly store: MemoryStore) {}

  async record(job: FailedJobRecord): Promise<void> {
    this.store.failedJobs.set(job.jobId, copy(job));
  }

  async list(limit: number): Promise<readonly FailedJobRecord[]> {
    return copy(
      [...this.store.failedJobs.values()]
        .toSorted((a, b) => b.failedAt.getTime() - a.failedAt.getTime())
        .slice(0, limit),
    );
  }
}
