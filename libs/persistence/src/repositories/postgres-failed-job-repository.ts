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
