import { randomUUID } from 'node:crypto';
import {
  ClaimLost,
  WORKING_STATUSES,
  type ActionBegin,
  type ActionClaim,
  type ActionLedger,
  type ActionRecord,
  type ActionStart,
} from '@app/domain';
import type { Database } from '../database.js';
import { ActionEntity } from '../entities/action.entity.js';
import { storable, storableText } from '../storable.js';
import { isUuid } from './uuid.js';

type Begun =
  | { outcome: 'begun' | 'done'; id: string }
  | { outcome: 'busy'; until: string }
  | { outcome: 'limited'; scope: 'each' | 'all'; limit: number };

/** Every write after the first is one statement that names the claim's token. */
export class PostgresActionLedger implements ActionLedger {
  constructor(private readonly database: Database) {}

  async begin(start: ActionStart, leaseMs: number): Promise<ActionBegin> {
    const token = randomUUID();
    const now = this.database.clock.now();
    const [row] = await this.database.query<{ result: Begun }>(
      'SELECT begin_action($1, $2, $3, $4) AS result',
      [JSON.stringify(storable(start)), token, now, new Date(now.getTime() + leaseMs)],
    );
    const begun = row!.result;
    if (begun.outcome === 'limited') return begun;
    if (begun.outcome === 'busy') return { outcome: 'busy', until: new Date(begun.until) };
    const record = await this.database.entities((manager) =>
      manager.findOneByOrFail(ActionEntity, { id: begun.id }),
    );
    return begun.outcome === 'done'
      ? { outcome: 'done', record: toRecord(record) }
      : { outcome: 'begun', claim: { record: toRecord(record), token } };
  }

  async renew(claim: ActionClaim, leaseMs: number): Promise<void> {
    const until = new Date(this.database.clock.now().getTime() + leaseMs);
    await this.write(claim, 'claim_until = $3', [until]);
  }

  async done(claim: ActionClaim, { remoteId, url }: { remoteId: string; url: string | null }): Promise<void> {
    await this.write(
      claim,
      `state = 'done', claim_token = NULL, claim_until = NULL, error = NULL, finished_at = $3, remote_id = $4, url = $5`,
      [this.database.clock.now(), storableText(remoteId), storable(url)],
    );
  }

  async failed(claim: ActionClaim, state: 'failed' | 'unknown', error: string): Promise<void> {
    await this.write(
      claim,
      `state = $3, claim_token = NULL, claim_until = NULL, finished_at = $4, error = $5`,
      [state, this.database.clock.now(), storableText(error)],
    );
  }

  async find(projectId: string, key: string): Promise<ActionRecord | null> {
    if (!isUuid(projectId)) return null;
    const row = await this.database.entities((manager) =>
      manager.findOneBy(ActionEntity, { projectId, key }),
    );
    return row ? toRecord(row) : null;
  }

  async unsettled(before: Date, limit: number): Promise<readonly ActionRecord[]> {
    const rows = await this.database.entities((manager) =>
      manager
        .createQueryBuilder(ActionEntity, 'action')
        .innerJoin('action.workflow', 'workflow', 'workflow.status NOT IN (:...working)', {
          working: WORKING_STATUSES,
        })
        .where(
          `(action.state = 'unknown' AND action.finishedAt <= :before
             OR action.state = 'started' AND action.claimUntil <= :before)`,
          { before },
        )
        .orderBy('coalesce(action.finishedAt, action.startedAt)')
        .addOrderBy('action.id')
        .limit(limit)
        .getMany(),
    );
    return rows.map(toRecord);
  }

  async outdatedComments(since: Date, limit: number): Promise<readonly ActionRecord[]> {
    const rows = await this.database.entities((manager) =>
      manager
        .createQueryBuilder(ActionEntity, 'action')
        .where(`action.kind = 'comment' AND action.state = 'done' AND action.finishedAt >= :since`, { since })
        .andWhere(
          `EXISTS (SELECT FROM incidents told
             CROSS JOIN LATERAL (SELECT told.run_id UNION SELECT r.run_id FROM runs r
               WHERE r.project_id = told.project_id AND r.head_sha = told.head_sha) AS run
             JOIN incidents i ON i.project_id = told.project_id AND i.run_id = run.run_id
           WHERE told.id = action.incident_id AND i.status IN ('resolved', 'ignored')
             AND i.updated_at > action.finished_at)`,
        )
        .orderBy('action.finishedAt')
        .addOrderBy('action.id')
        .limit(limit)
        .getMany(),
    );
    return rows.map(toRecord);
  }

  async lookedAt(id: string): Promise<void> {
    await this.database.query(
      `UPDATE actions SET finished_at = $2
       WHERE id = $1 AND (state IN ('unknown', 'done') OR state = 'started' AND claim_until <= $2)`,
      [id, this.database.clock.now()],
    );
  }

  async ofIncident(incidentId: string): Promise<readonly ActionRecord[]> {
    if (!isUuid(incidentId)) return [];
    const rows = await this.database.entities((manager) =>
      manager.find(ActionEntity, { where: { incidentId }, order: { startedAt: 'ASC', id: 'ASC' } }),
    );
    return rows.map(toRecord);
  }

  /** @throws ClaimLost */
  private async write(claim: ActionClaim, set: string, parameters: readonly unknown[]): Promise<void> {
    const rows = await this.database.query(
      `UPDATE actions SET ${set} WHERE id = $1 AND claim_token = $2 RETURNING id`,
      [claim.record.id, claim.token, ...parameters],
    );
    if (rows.length === 0) throw new ClaimLost(claim.record.incidentId ?? claim.record.id);
  }
}

function toRecord(row: ActionEntity): ActionRecord {
  return {
    id: row.id,
    projectId: row.projectId,
    key: row.key,
    kind: row.kind,
    incidentId: row.incidentId,
    workflowId: row.workflowId,
    payloadHash: row.payloadHash,
    state: row.state,
    remoteId: row.remoteId,
    url: row.url,
    error: row.error,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  };
}
