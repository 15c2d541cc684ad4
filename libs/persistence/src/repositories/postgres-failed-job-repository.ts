import type { FailedJobRecord, FailedJobRepository } from '@app/domain';
import type { Database } from '../database.js';
import { FailedJobEntity } from '../entities/failed-job.entity.js';
import { storable } from '../storable.js';

export class PostgresFailedJobRepository implements FailedJobRepository {
  constructor(private readonly database: Database) {}

  async record(job: FailedJobRecord): Promise<void> {
    await this.database.entities((manager) =>
      manager.upsert(FailedJobEntity, storable({ ...job }), ['jobId']),
    );
  }

  async removeBefore(before: Date): Promise<number> {
    const [row] = await this.database.query<{ removed: number }>(
      `WITH gone AS (DELETE FROM failed_jobs WHERE failed_at < $1 RETURNING 1)
       SELECT count(*)::integer AS removed FROM gone`,
      [before],
    );
    return row!.removed;
  }

  async list(limit: number): Promise<readonly FailedJobRecord[]> {
    const rows = await this.database.entities((manager) =>
      manager.find(FailedJobEntity, { order: { failedAt: 'DESC', jobId: 'ASC' }, take: limit }),
    );
    return rows.map(({ jobId, name, subject, error, attempts, failedAt }) => ({
      jobId,
      name,
      subject,
      error,
      attempts,
      failedAt,
    }));
  }
}
