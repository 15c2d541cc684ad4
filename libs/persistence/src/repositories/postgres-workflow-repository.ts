import {
  ACTIVE_WORKFLOW_STATUSES,
  IllegalWorkflowMove,
  WORKING_STATUSES,
  WorkflowActive,
  WorkflowNotFound,
  workflowSourcesOf,
  type NewWorkflow,
  type OutdatedWorkflow,
  type Page,
  type RemediationWorkflow,
  type WorkflowDispatch,
  type WorkflowFilter,
  type WorkflowMove,
  type WorkflowRepository,
  type WorkflowStatus,
  type WorkflowStep,
} from '@app/domain';
import type { Database, Query } from '../database.js';
import { constraintOf } from '../database-errors.js';
import { WorkflowEntity } from '../entities/workflow.entity.js';
import { storable } from '../storable.js';
import { decodeCursor, encodeCursor } from './incident-cursor.js';
import { moveIncident } from './move-incident.js';
import { isUuid } from './uuid.js';

/** Statuses in which a workflow can be deleted: nothing of it is under way. */
const DELETABLE: readonly WorkflowStatus[] = [
  'planned',
  'succeeded',
  'failed',
  'escalated',
  'rejected',
  'cancelled',
  'declined',
];

/** Diagnosis `d` is what incident `i` shows, and nobody called it wrong. */
const IN_FORCE = 'd.id = i.diagnosis_id AND d.invalidated_at IS NULL';
/** Workflow `w` was planned from another one. */
const IS_OUTDATED = '(w.diagnosis_id, w.diagnosed_at) IS DISTINCT FROM (d.id, d.created_at)';

export class PostgresWorkflowRepository implements WorkflowRepository {
  constructor(private readonly database: Database) {}

  async create(workflow: NewWorkflow): Promise<RemediationWorkflow> {
    const { projectId, incidentId, attempt, plannedFrom, status, reason, steps, plannedBy } = workflow;
    const now = this.database.clock.now();
    try {
      const id = await this.database.transaction(async (query) => {
        await query(
          `UPDATE workflows SET status = 'cancelled', reason = 'A new plan took its place.', updated_at = $2
           WHERE incident_id = $1 AND (status = 'planned' OR status = 'awaiting_approval' AND attempt < $3)`,
          [incidentId, now, attempt],
        );
        const [row] = await query<{ id: string }>(
          `INSERT INTO workflows (project_id, incident_id, attempt, status, reason, steps, planned_by, sequence,
             outbox_at, created_at, updated_at, diagnosis_id, diagnosed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, $8, $9, $10) RETURNING id`,
          [
            projectId,
            incidentId,
            attempt,
            status,
            storable(reason),
            JSON.stringify(storable(steps)),
            JSON.stringify(storable(plannedBy)),
            now,
            plannedFrom?.diagnosisId ?? null,
            plannedFrom?.madeAt ?? null,
          ],
        );
        await note(query, incidentId, now, 'workflow', {
          workflowId: row!.id,
          status,
          by: plannedBy,
          ...(reason === null ? {} : { reason }),
        });
        return row!.id;
      });
      return await this.get(id);
    } catch (error) {
      if (constraintOf(error) !== 'workflows_active_key') throw error;
      const active = await this.database.query<{ id: string }>(
        'SELECT id FROM workflows WHERE incident_id = $1 AND status = ANY ($2)',
        [incidentId, ACTIVE_WORKFLOW_STATUSES],
      );
      throw new WorkflowActive(incidentId, active[0]?.id ?? 'of another caller');
    }
  }

  async find(id: string): Promise<RemediationWorkflow | null> {
    if (!isUuid(id)) return null;
    const row = await this.database.entities((manager) => manager.findOneBy(WorkflowEntity, { id }));
    return row ? toWorkflow(row) : null;
  }

  async get(id: string): Promise<RemediationWorkflow> {
    const workflow = await this.find(id);
    if (!workflow) throw new WorkflowNotFound(id);
    return workflow;
  }

  async list(
    filter: WorkflowFilter,
    limit: number,
    cursor: string | null,
  ): Promise<Page<RemediationWorkflow>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    if (filter.incidentId !== undefined && !isUuid(filter.incidentId)) return { items: [], nextCursor: null };
    const rows = await this.database.entities((manager) => {
      const query = manager
        .createQueryBuilder(WorkflowEntity, 'workflow')
        .orderBy('workflow.createdAt', 'DESC')
        .addOrderBy('workflow.id', 'DESC')
        .limit(limit + 1);
      if (after) query.andWhere('(workflow.createdAt, workflow.id) < (:openedAt, :id)', { ...after });
      if (filter.projectIds) {
        const projectIds = filter.projectIds.filter(isUuid);
        query.andWhere('workflow.projectId = ANY (:projectIds)', { projectIds });
      }
      const { incidentId, status } = filter;
      if (incidentId !== undefined) query.andWhere('workflow.incidentId = :incidentId', { incidentId });
      if (status) query.andWhere('workflow.status = ANY (:statuses)', { statuses: [...status] });
      return query.getMany();
    });
    const items = rows.slice(0, limit).map(toWorkflow);
    const last = items.at(-1);
    return {
      items,
      nextCursor:
        last && rows.length > limit ? encodeCursor({ openedAt: last.createdAt, id: last.id }) : null,
    };
  }

  async move(id: string, move: WorkflowMove): Promise<RemediationWorkflow> {
    if (!isUuid(id)) throw new WorkflowNotFound(id);
    const { to, by, reason } = move;
    const now = this.database.clock.now();
    await this.database.transaction(async (query) => {
      const held = await lock(query, id);
      if (!workflowSourcesOf(to).includes(held.status)) throw new IllegalWorkflowMove(id, held.status, to);
      await query(
        `UPDATE workflows SET status = $2, reason = $3, updated_at = $4, verify_until = $5,
           approved_by = CASE WHEN $2 = 'approved' THEN $6::jsonb ELSE approved_by END,
           -- A workflow that was approved is due at once; one that is verified is looked at when its turn comes.
           outbox_at = CASE WHEN $2 = 'approved' THEN $4 ELSE outbox_at END,
           sequence = CASE WHEN $2 = 'approved' THEN sequence + 1 ELSE sequence END
         WHERE id = $1`,
        [id, to, storable(reason), now, move.verifyUntil ?? null, JSON.stringify(storable(by))],
      );
      const facts = { workflowId: id, by, ...(reason === null ? {} : { reason }) };
      await note(query, held.incidentId, now, 'workflow', { ...facts, from: held.status, status: to });
      if (move.incident !== null)
        await moveIncident(query, held.incidentId, { to: move.incident, reason, facts }, now);
    });
    return this.get(id);
  }

  async saveStep(id: string, index: number, step: WorkflowStep): Promise<void> {
    if (!isUuid(id)) throw new WorkflowNotFound(id);
    const now = this.database.clock.now();
    await this.database.transaction(async (query) => {
      const held = await lock(query, id);
      await query(
        'UPDATE workflows SET steps = jsonb_set(steps, ARRAY[$2::text], $3::jsonb, false), updated_at = $4 WHERE id = $1',
        [id, String(index), JSON.stringify(storable(step)), now],
      );
      await note(query, held.incidentId, now, 'action', {
        workflowId: id,
        action: step.action.kind,
        state: step.state,
        ...(step.url === null ? {} : { url: step.url }),
        ...(step.note === null ? {} : { note: step.note }),
      });
    });
  }

  async delete(id: string): Promise<void> {
    if (!isUuid(id)) throw new WorkflowNotFound(id);
    await this.database.transaction(async (query) => {
      const held = await lock(query, id);
      if (!DELETABLE.includes(held.status)) throw new IllegalWorkflowMove(id, held.status, 'deleted');
      await query('DELETE FROM workflows WHERE id = $1', [id]);
    });
  }

  async takeDue(before: Date, now: Date, limit: number): Promise<readonly WorkflowDispatch[]> {
    return this.take(WORKING_STATUSES, before, now, limit);
  }

  async redispatch(id: string): Promise<WorkflowDispatch | null> {
    const [row] = await this.database.query<WorkflowDispatch>(
      `UPDATE workflows SET sequence = sequence + 1 WHERE id = $1 AND status = ANY ($2)
       RETURNING id AS "workflowId", sequence`,
      [id, WORKING_STATUSES],
    );
    return row ?? null;
  }

  async takeVerifying(before: Date, now: Date, limit: number): Promise<readonly string[]> {
    const taken = await this.take(['verifying'], before, now, limit);
    return taken.map(({ workflowId }) => workflowId);
  }

  async overtaken(limit: number): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT w.id FROM workflows w JOIN incidents i ON i.id = w.incident_id
       WHERE w.status IN ('planned', 'awaiting_approval') AND i.status IN ('resolved', 'ignored')
       ORDER BY w.created_at, w.id LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async outdated(projectId: string | null, limit: number): Promise<readonly OutdatedWorkflow[]> {
    if (projectId !== null && !isUuid(projectId)) return [];
    return this.database.query<OutdatedWorkflow>(
      `SELECT w.id AS "workflowId", p.invalidated_at IS NOT NULL AS "isContradicted"
       FROM workflows w JOIN incidents i ON i.id = w.incident_id
         LEFT JOIN diagnoses d ON ${IN_FORCE}
         LEFT JOIN diagnoses p ON p.id = w.diagnosis_id
       WHERE w.status IN ('planned', 'awaiting_approval', 'approved') AND ($1::uuid IS NULL OR w.project_id = $1)
         AND ${IS_OUTDATED} AND jsonb_path_exists(w.steps, '$[*].action.kind ? (@ != "cancel_run")')
       ORDER BY w.created_at, w.id LIMIT $2`,
      [projectId, limit],
    );
  }

  async unplanned(projectIds: readonly string[], since: Date, limit: number): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT i.id FROM incidents i
       WHERE i.status = 'diagnosed' AND i.source = 'github' AND i.project_id = ANY ($1::uuid[]) AND i.updated_at >= $2
         AND NOT EXISTS (
           SELECT FROM workflows w LEFT JOIN diagnoses d ON ${IN_FORCE}
           WHERE w.incident_id = i.id AND w.attempt = i.latest_attempt
             AND (w.status <> 'cancelled' OR NOT (${IS_OUTDATED})))
       ORDER BY i.updated_at, i.id LIMIT $3`,
      [projectIds.filter(isUuid), since, limit],
    );
    return rows.map(({ id }) => id);
  }

  private async take(
    statuses: readonly WorkflowStatus[],
    before: Date,
    now: Date,
    limit: number,
  ): Promise<readonly WorkflowDispatch[]> {
    return this.database.query<WorkflowDispatch>(
      `UPDATE workflows SET outbox_at = $3
       WHERE id IN (
         SELECT id FROM workflows WHERE status = ANY ($1) AND outbox_at <= $2
         ORDER BY outbox_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING id AS "workflowId", sequence`,
      [statuses, before, now, limit],
    );
  }
}

/** @throws WorkflowNotFound */
async function lock(query: Query, id: string): Promise<{ status: WorkflowStatus; incidentId: string }> {
  const [row] = await query<{ status: WorkflowStatus; incidentId: string }>(
    'SELECT status, incident_id AS "incidentId" FROM workflows WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (!row) throw new WorkflowNotFound(id);
  return row;
}

async function note(
  query: Query,
  incidentId: string,
  at: Date,
  kind: string,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  await query('INSERT INTO incident_events (incident_id, at, kind, facts) VALUES ($1, $2, $3, $4)', [
    incidentId,
    at,
    kind,
    JSON.stringify(storable(facts)),
  ]);
}

function toWorkflow(row: WorkflowEntity): RemediationWorkflow {
  return {
    id: row.id,
    projectId: row.projectId,
    incidentId: row.incidentId,
    attempt: row.attempt,
    plannedFrom:
      row.diagnosisId === null || row.diagnosedAt === null
        ? null
        : { diagnosisId: row.diagnosisId, madeAt: row.diagnosedAt },
    status: row.status,
    reason: row.reason,
    steps: row.steps,
    plannedBy: row.plannedBy,
    approvedBy: row.approvedBy,
    verifyUntil: row.verifyUntil,
    sequence: row.sequence,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
