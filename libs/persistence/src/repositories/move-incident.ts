import { IllegalTransition, IncidentNotFound, sourcesOf, type IncidentStatus } from '@app/domain';
import type { Query } from '../database.js';
import { storable, storableText } from '../storable.js';

export interface IncidentMove {
  readonly to: IncidentStatus;
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Moves an incident inside a transaction, ends any claim, and writes the timeline. Gives its sequence.
 * @throws IncidentNotFound, IllegalTransition
 */
export async function moveIncident(
  query: Query,
  id: string,
  { to, reason, facts }: IncidentMove,
  now: Date,
): Promise<number> {
  const [row] = await query<{ status: IncidentStatus; sequence: number }>(
    'SELECT status, sequence FROM incidents WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (!row) throw new IncidentNotFound(id);
  if (!sourcesOf(to).includes(row.status)) throw new IllegalTransition(row.status, to);

  const sequence = to === 'received' ? row.sequence + 1 : row.sequence;
  const reopens = to === 'received' && facts['reopened'] === true;
  const verifiedAt = to === 'resolved' && facts['verified'] === true ? now : null;
  await query(
    `UPDATE incidents SET status = $2, status_reason = $3, claim_token = NULL, claim_until = NULL,
       updated_at = $4, sequence = $5, outbox_at = CASE WHEN $2 = 'received' THEN $4 ELSE outbox_at END,
       verified_at = $6, verified_by = NULL, reopened_at = CASE WHEN $7 THEN $4 ELSE reopened_at END
     WHERE id = $1`,
    [id, to, reason === null ? null : storableText(reason), now, sequence, verifiedAt, reopens],
  );
  await query(
    `INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
     VALUES ($1, $2, 'moved', $3, $4, $5)`,
    [id, now, row.status, to, JSON.stringify(storable(reason === null ? facts : { ...facts, reason }))],
  );
  if (to === 'received') await query('DELETE FROM diagnosis_steps WHERE incident_id = $1', [id]);
  return sequence;
}
