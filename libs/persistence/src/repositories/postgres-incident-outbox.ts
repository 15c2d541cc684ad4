import type { Dispatch, IncidentOutbox } from '@app/domain';
import type { Database } from '../database.js';
import { isUuid } from './uuid.js';

/** Work to do at the moment `now`, whatever placeholder that is. */
const hasWork = (now: string): string =>
  `(status = 'received' OR (status = 'diagnosing' AND claim_until <= ${now}))`;

export class PostgresIncidentOutbox implements IncidentOutbox {
  constructor(private readonly database: Database) {}

  async due(before: Date, now: Date, limit: number): Promise<Dispatch[]> {
    const rows = await this.database.query<Required<Dispatch>>(
      `SELECT id AS "incidentId", sequence, turn FROM (
         SELECT id, sequence, outbox_at,
           row_number() OVER (PARTITION BY project_id ORDER BY outbox_at, id)::integer AS turn
         FROM incidents
         WHERE status IN ('received', 'diagnosing') AND ${hasWork('$2')} AND outbox_at <= $1) AS line
       ORDER BY turn, outbox_at, id LIMIT $3`,
      [before, now, limit],
    );
    return [...rows];
  }

  async redispatch(incidentId: string, now: Date): Promise<Dispatch | null> {
    if (!isUuid(incidentId)) return null;
    const [row] = await this.database.query<Dispatch>(
      `UPDATE incidents SET sequence = sequence + 1, outbox_at = $2
       WHERE id = $1 AND ${hasWork('$2')}
       RETURNING id AS "incidentId", sequence`,
      [incidentId, now],
    );
    return row ?? null;
  }

  async markDispatched(dispatches: readonly Dispatch[], now: Date): Promise<void> {
    await this.database.query(
      `UPDATE incidents i SET outbox_at = $3
       FROM unnest($1::uuid[], $2::integer[]) AS taken (id, sequence)
       WHERE i.id = taken.id AND i.sequence = taken.sequence`,
      [dispatches.map(({ incidentId }) => incidentId), dispatches.map(({ sequence }) => sequence), now],
    );
  }
}
