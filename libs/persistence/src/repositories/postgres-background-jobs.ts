import type {
  BackgroundJob,
  BackgroundJobs,
  BackgroundJobState,
  JobHold,
  Page,
  ProjectScope,
} from '@app/domain';
import type { Database } from '../database.js';
import { storableText } from '../storable.js';
import { JOB_COLUMNS } from './background-job-row.js';
import { decodeCursor, encodeCursor } from './incident-cursor.js';
import { isUuid } from './uuid.js';

const OPEN = `('queued', 'running')`;

export class PostgresBackgroundJobs implements BackgroundJobs {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<BackgroundJob | null> {
    if (!isUuid(id)) return null;
    return this.one(`SELECT ${JOB_COLUMNS} FROM background_jobs j WHERE j.id = $1`, [id]);
  }

  async list(
    filter: { readonly projectIds: ProjectScope; readonly state?: BackgroundJobState },
    limit: number,
    cursor: string | null,
  ): Promise<Page<BackgroundJob>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    const rows = await this.database.query<BackgroundJob>(
      `SELECT ${JOB_COLUMNS} FROM background_jobs j
       WHERE (j.project_id IS NULL OR $1::uuid[] IS NULL OR j.project_id = ANY ($1))
         AND ($2::text IS NULL OR j.state = $2)
         AND ($3::timestamptz IS NULL OR (j.created_at, j.id) < ($3, $4::uuid))
       ORDER BY j.created_at DESC, j.id DESC LIMIT $5`,
      [
        filter.projectIds?.filter(isUuid) ?? null,
        filter.state ?? null,
        after?.openedAt ?? null,
        after?.id ?? null,
        limit + 1,
      ],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const isMore = last !== undefined && rows.length > limit;
    return { items, nextCursor: isMore ? encodeCursor({ openedAt: last.createdAt, id: last.id }) : null };
  }

  async begin(id: string, sequence: number): Promise<BackgroundJob | null> {
    if (!isUuid(id)) return null;
    return this.one(
      `UPDATE background_jobs j SET state = 'running', attempts = attempts + 1, updated_at = $3,
         started_at = coalesce(started_at, $3)
       WHERE j.id = $1 AND j.sequence = $2 AND j.state IN ${OPEN} RETURNING ${JOB_COLUMNS}`,
      [id, sequence, this.database.clock.now()],
    );
  }

  async postpone({ id, sequence }: JobHold, error: string): Promise<void> {
    await this.database.query(
      `UPDATE background_jobs SET state = 'queued', error = $3, updated_at = $4
       WHERE id = $1 AND sequence = $2 AND state IN ${OPEN}`,
      [id, sequence, storableText(error), this.database.clock.now()],
    );
  }

  async fail(hold: JobHold, error: string): Promise<void> {
    await this.end(hold.id, 'failed', storableText(error), hold.sequence);
  }

  cancel(id: string): Promise<BackgroundJob | null> {
    return this.end(id, 'cancelled', null, null);
  }

  async retry(id: string): Promise<BackgroundJob | null> {
    if (!isUuid(id)) return null;
    return this.one(
      `WITH again AS (
         UPDATE background_jobs SET state = 'queued', error = NULL, attempts = 0, finished_at = NULL,
           sequence = sequence + 1, updated_at = $2
         WHERE id = $1 AND state IN ('failed', 'cancelled') RETURNING *
       ), document AS (
         UPDATE documents SET status = 'pending' WHERE id = (SELECT document_id FROM again)
       )
       SELECT ${JOB_COLUMNS} FROM again j`,
      [id, this.database.clock.now()],
    );
  }

  due(before: Date, limit: number): Promise<readonly BackgroundJob[]> {
    return this.database.query<BackgroundJob>(
      `SELECT ${JOB_COLUMNS} FROM background_jobs j WHERE j.state IN ${OPEN} AND j.updated_at < $1
       ORDER BY j.updated_at, j.id LIMIT $2`,
      [before, limit],
    );
  }

  redispatch(id: string, isHeld: boolean): Promise<BackgroundJob | null> {
    return this.one(
      `UPDATE background_jobs j SET sequence = sequence + $2, updated_at = $3
       WHERE j.id = $1 AND j.state IN ${OPEN} RETURNING ${JOB_COLUMNS}`,
      [id, isHeld ? 0 : 1, this.database.clock.now()],
    );
  }

  async removeEnded(before: Date): Promise<number> {
    const [row] = await this.database.query<{ removed: number }>(
      `WITH ended AS (
         DELETE FROM background_jobs WHERE finished_at < $1 RETURNING document_id, state
       ), unfinished AS (
         DELETE FROM documents WHERE status IN ('failed', 'cancelled')
           AND id IN (SELECT document_id FROM ended WHERE state IN ('failed', 'cancelled'))
       )
       SELECT count(*)::integer AS removed FROM ended`,
      [before],
    );
    return row!.removed;
  }

  /** @param sequence null: whoever holds it */
  private async end(
    id: string,
    state: 'failed' | 'cancelled',
    error: string | null,
    sequence: number | null,
  ): Promise<BackgroundJob | null> {
    if (!isUuid(id)) return null;
    return this.one(
      `WITH ended AS (
         UPDATE background_jobs SET state = $2, error = coalesce($3, error), finished_at = $5, updated_at = $5
         WHERE id = $1 AND state IN ${OPEN} AND ($4::integer IS NULL OR sequence = $4) RETURNING *
       ), document AS (
         UPDATE documents SET status = $2 WHERE id = (SELECT document_id FROM ended)
       )
       SELECT ${JOB_COLUMNS} FROM ended j`,
      [id, state, error, sequence, this.database.clock.now()],
    );
  }

  private async one(sql: string, parameters: readonly unknown[]): Promise<BackgroundJob | null> {
    const [row] = await this.database.query<BackgroundJob>(sql, parameters);
    return row ?? null;
  }
}
