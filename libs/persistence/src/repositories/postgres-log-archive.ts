import { IncidentNotFound, type ArchivedLog, type LogArchive } from '@app/domain';
import type { Database } from '../database.js';
import { constraintOf } from '../database-errors.js';
import { ArchivedLogEntity } from '../entities/archived-log.entity.js';
import { isUuid } from './uuid.js';

export class PostgresLogArchive implements LogArchive {
  constructor(private readonly database: Database) {}

  async save(log: ArchivedLog): Promise<void> {
    if (!isUuid(log.incidentId)) throw new IncidentNotFound(log.incidentId);
    const { incidentId, attempt, lines, chars, truncated, report } = log;
    const gzip = Buffer.from(log.gzip.buffer, log.gzip.byteOffset, log.gzip.byteLength);
    const savedAt = this.database.clock.now();
    try {
      await this.database.entities((manager) =>
        manager.upsert(
          ArchivedLogEntity,
          { incidentId, attempt, gzip, lines, chars, truncated, report: report as object, savedAt },
          ['incidentId', 'attempt'],
        ),
      );
    } catch (error) {
      if (constraintOf(error) === 'archived_logs_incident_fkey') throw new IncidentNotFound(incidentId);
      throw error;
    }
  }

  async find(incidentId: string, attempt: number): Promise<ArchivedLog | null> {
    if (!isUuid(incidentId)) return null;
    const row = await this.database.entities((manager) =>
      manager.findOneBy(ArchivedLogEntity, { incidentId, attempt }),
    );
    if (!row) return null;
    const { gzip, lines, chars, truncated, report } = row;
    return { incidentId, attempt, gzip: new Uint8Array(gzip), lines, chars, truncated, report };
  }
}
