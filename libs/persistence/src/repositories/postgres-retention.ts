import {
  FAILED_JOB_DAYS,
  ProjectNotFound,
  type Expiring,
  type ProjectRetention,
  type Retention,
  type RetentionDays,
} from '@app/domain';
import type { Database, Query } from '../database.js';
import { FORGET_RUNS } from './forget-runs-sql.js';
import { isUuid } from './uuid.js';

const DAY_MS = 86_400_000;
/** An incident in one of these has work before it. */
const UNDER_WAY = ['received', 'diagnosing', 'awaiting_approval', 'remediating', 'verifying'];

/** A moment so many days before now; a project's own number goes first. */
const ago = (column: string) => `$1::timestamptz - make_interval(days => coalesce(project.${column}, $2))`;
/** What is younger is nobody's to forget: by this an index finds the rows, whatever the projects say. */
const latest = (column: string) =>
  `$1::timestamptz - make_interval(days => coalesce((SELECT min(coalesce(${column}, $2)) FROM projects), $2))`;

export class PostgresRetention implements Retention {
  constructor(private readonly database: Database) {}

  async forget(kind: Expiring, days: RetentionDays, limit: number): Promise<number> {
    const now = this.database.clock.now();
    const simple = (table: string, column: string, keptDays: number, condition = 'true') =>
      this.delete(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table} WHERE ${column} < $1::timestamptz - make_interval(days => $2) AND ${condition}
           ORDER BY ${column} LIMIT $3)) RETURNING 1`,
        [now, keptDays, limit],
      );
    switch (kind) {
      case 'logs':
        return this.delete(
          `DELETE FROM archived_logs WHERE (incident_id, attempt) IN (
             SELECT l.incident_id, l.attempt FROM archived_logs l
             JOIN incidents i ON i.id = l.incident_id JOIN projects project ON project.id = i.project_id
             WHERE l.saved_at < ${latest('log_retention_days')} AND l.saved_at < ${ago('log_retention_days')}
               AND i.status <> ALL ($4)
             ORDER BY l.saved_at LIMIT $3) RETURNING 1`,
          [now, days.logDays, limit, UNDER_WAY.slice(0, 2)],
        );
      case 'incidents':
        return this.database.transaction((query) => forgetIncidents(query, now, days.diagnosisDays, limit));
      case 'patterns':
        return this.delete(
          `DELETE FROM patterns WHERE id IN (
             SELECT p.id FROM patterns p JOIN projects project ON project.id = p.project_id
             WHERE p.last_seen_at < ${latest('diagnosis_retention_days')}
               AND p.last_seen_at < ${ago('diagnosis_retention_days')}
               AND NOT EXISTS (SELECT FROM incidents i WHERE i.pattern_id = p.id)
               AND NOT EXISTS (SELECT FROM occurrences o WHERE o.pattern_id = p.id)
               AND NOT EXISTS (SELECT FROM patterns m WHERE m.merged_into = p.id AND m.last_seen_at >= p.last_seen_at)
             ORDER BY p.last_seen_at LIMIT $3) RETURNING 1`,
          [now, days.diagnosisDays, limit],
        );
      case 'feedback':
        return simple(
          'feedback',
          'given_at',
          days.diagnosisDays,
          'incident_id IS NULL AND pattern_id IS NULL',
        );
      case 'actions':
        // As long as its incident lives, a row keeps its action from being done again.
        return simple(
          'actions',
          'started_at',
          days.diagnosisDays,
          `incident_id IS NULL AND state <> 'started'`,
        );
      case 'deliveries':
        return simple('deliveries', 'received_at', days.deliveryDays, `status <> 'pending'`);
      case 'runs':
        return this.delete(FORGET_RUNS, [now, days.deliveryDays, limit]);
      case 'run_days':
        return simple('run_days', 'day', days.diagnosisDays);
      case 'pull_requests':
        return simple(
          'pull_requests',
          'changed_at',
          days.deliveryDays,
          `NOT EXISTS (SELECT FROM pull_heads h JOIN runs r USING (project_id, head_sha)
             WHERE h.project_id = pull_requests.project_id AND h.number = pull_requests.number)`,
        );
      case 'pull_heads':
        return this.delete(
          `DELETE FROM pull_heads WHERE ctid = ANY (ARRAY(
             SELECT h.ctid FROM pull_heads h
             WHERE NOT EXISTS (SELECT FROM runs r WHERE r.project_id = h.project_id AND r.head_sha = h.head_sha)
               AND NOT EXISTS (SELECT FROM pull_requests p WHERE p.project_id = h.project_id AND p.number = h.number)
             LIMIT $1)) RETURNING 1`,
          [limit],
        );
      case 'usage':
        return simple('usage_ledger', 'at', days.usageDays);
      case 'budget_use':
        return this.periods('budget_use', 'period', now, days.usageDays, limit);
      case 'action_use':
        return this.periods('action_use', 'day', now, days.usageDays, limit);
      case 'webhook_secrets':
        return simple('webhook_secrets', 'expires_at', 0);
      case 'failed_jobs':
        return simple('failed_jobs', 'failed_at', FAILED_JOB_DAYS);
    }
  }

  async ofProject(projectId: string): Promise<ProjectRetention> {
    const [row] = isUuid(projectId)
      ? await this.database.query<ProjectRetention>(
          `SELECT log_retention_days AS "logDays", diagnosis_retention_days AS "diagnosisDays"
           FROM projects WHERE id = $1`,
          [projectId],
        )
      : [];
    if (!row) throw new ProjectNotFound(projectId);
    return row;
  }

  async setForProject(projectId: string, { logDays, diagnosisDays }: ProjectRetention): Promise<void> {
    const rows = isUuid(projectId)
      ? await this.database.query(
          `UPDATE projects SET log_retention_days = $2, diagnosis_retention_days = $3 WHERE id = $1 RETURNING id`,
          [projectId, logDays, diagnosisDays],
        )
      : [];
    if (rows.length === 0) throw new ProjectNotFound(projectId);
  }

  /** Periods are texts that sort by time; a month that began before is over by the limit's month. */
  private periods(
    table: string,
    column: string,
    now: Date,
    keptDays: number,
    limit: number,
  ): Promise<number> {
    const before = new Date(now.getTime() - keptDays * DAY_MS).toISOString().slice(0, 'yyyy-mm'.length);
    return this.delete(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${column} < $1 ORDER BY ${column} LIMIT $2)) RETURNING 1`,
      [before, limit],
    );
  }

  private async delete(sql: string, parameters: readonly unknown[]): Promise<number> {
    return (await this.database.query(sql, parameters)).length;
  }
}

/** With all that hangs on them: diagnoses made from their logs too, unless something that lives shows one. */
async function forgetIncidents(query: Query, now: Date, days: number, limit: number): Promise<number> {
  const expired = await query<{ id: string }>(
    `SELECT i.id FROM incidents i JOIN projects project ON project.id = i.project_id
     WHERE i.last_failed_at < ${latest('diagnosis_retention_days')}
       AND i.last_failed_at < ${ago('diagnosis_retention_days')} AND i.status <> ALL ($4)
       AND NOT EXISTS (
         SELECT FROM diagnoses d WHERE d.incident_id = i.id AND (
           EXISTS (SELECT FROM patterns p WHERE p.diagnosis_id = d.id
             AND p.last_seen_at >= ${ago('diagnosis_retention_days')})
           OR EXISTS (SELECT FROM incidents o WHERE o.diagnosis_id = d.id AND o.id <> i.id
             AND (o.last_failed_at >= ${ago('diagnosis_retention_days')} OR o.status = ANY ($4)))))
     ORDER BY i.last_failed_at LIMIT $3 FOR UPDATE OF i SKIP LOCKED`,
    [now, days, limit, UNDER_WAY],
  );
  const ids = expired.map(({ id }) => id);
  await deleteIncidents(query, ids);
  return ids.length;
}

/** Deletes incidents; what shows a diagnosis of theirs shows none then. */
export async function deleteIncidents(query: Query, ids: readonly string[]): Promise<void> {
  const theirs = '(SELECT id FROM diagnoses WHERE incident_id = ANY ($1))';
  await query(`UPDATE patterns SET diagnosis_id = NULL WHERE diagnosis_id IN ${theirs}`, [ids]);
  await query(`UPDATE incidents SET diagnosis_id = NULL WHERE diagnosis_id IN ${theirs} AND id <> ALL ($1)`, [
    ids,
  ]);
  await query('DELETE FROM incidents WHERE id = ANY ($1)', [ids]);
}
