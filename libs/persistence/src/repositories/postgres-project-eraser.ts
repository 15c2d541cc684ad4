import { ProjectNotFound, type Erased, type Project, type ProjectEraser } from '@app/domain';
import type { Database } from '../database.js';
import { FOLDING_LOCK } from '../migrations/0012-incident-counts.js';
import { deleteIncidents } from './postgres-retention.js';
import { PostgresProjectRepository } from './postgres-project-repository.js';

const BATCH = 500;
/** Counted by triggers, whose rows come while others go: emptied last, when no incident of the project is left. */
const COUNTS = ['incident_counts', 'branch_counts', 'facet_counts'];

/** A foreign key of one column. */
interface Reference {
  readonly table: string;
  readonly column: string;
  readonly target: string;
  readonly targetColumn: string;
}

/**
 * Finds what belongs to a project by asking the database itself for columns named `project_id` and for foreign keys, so
 * that a table of a later version is not forgotten. What is known by other means stands here.
 */
export class PostgresProjectEraser implements ProjectEraser {
  constructor(private readonly database: Database) {}

  async erase(projectId: string): Promise<Erased> {
    const project = await new PostgresProjectRepository(this.database).find(projectId);
    if (!project) throw new ProjectNotFound(projectId);
    const owned = await this.ownedRows();
    const rows: Record<string, number> = {};
    const add = (table: string, count: number): void => {
      if (count > 0) rows[table] = (rows[table] ?? 0) + count;
    };
    for (const [table, condition] of owned) {
      const [row] = await this.database.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM ${table} WHERE ${condition}`,
        [projectId],
      );
      add(table, row!.count);
    }
    for (const [table, count] of await this.eraseByName(project, owned.has('deliveries'))) add(table, count);
    await this.eraseIncidents(projectId);
    for (const table of await this.tablesWithProject()) await this.eraseRows(table, projectId);
    await this.database.query('DELETE FROM projects WHERE id = $1', [projectId]);
    await this.eraseCounts(projectId);
    add('projects', 1);
    return { project, rows };
  }

  /** What names the project otherwise than by a column `project_id` or a foreign key. */
  private async eraseByName(
    { id, repository }: Project,
    deliveriesAreOwned: boolean,
  ): Promise<[table: string, count: number][]> {
    const isOwn = `lower(repository->>'host') = lower($1) AND lower(repository->>'owner') = lower($2)
      AND lower(repository->>'name') = lower($3)`;
    const named = [repository.host, repository.owner, repository.name];
    const failedJobs = await this.database.query(
      `DELETE FROM failed_jobs WHERE subject IN (SELECT id::text FROM incidents WHERE project_id = $4)
         OR subject IN (SELECT id::text FROM background_jobs WHERE project_id = $4)
         OR subject IN (SELECT id FROM deliveries WHERE ${isOwn}) RETURNING 1`,
      [...named, id],
    );
    const deliveries = await this.database.query(`DELETE FROM deliveries WHERE ${isOwn} RETURNING 1`, named);
    const budgets = await this.database.query('DELETE FROM budget_use WHERE scope = $1 RETURNING 1', [
      `project:${id}`,
    ]);
    // A key that was for this project alone is for none now: an empty list is not “all”.
    const keys = await this.database.query(
      'UPDATE api_keys SET project_ids = array_remove(project_ids, $1) WHERE $1 = ANY (project_ids) RETURNING 1',
      [id],
    );
    // What was said of it in conversations about everything, each answer with its question.
    const said = await this.database.query(
      `WITH answers AS (
         SELECT m.id, (m.answer->>'questionId')::bigint AS question_id
         FROM channel_messages m JOIN channels c ON c.id = m.channel_id
         WHERE c.project_id::text IS DISTINCT FROM $1 AND m.answer->'projectIds' ? $1)
       DELETE FROM channel_messages
       WHERE id IN (SELECT id FROM answers UNION ALL SELECT question_id FROM answers) RETURNING 1`,
      [id],
    );
    return [
      ['failed_jobs', failedJobs.length],
      ['channel_messages', said.length],
      ['deliveries', deliveriesAreOwned ? 0 : deliveries.length],
      ['budget_use', budgets.length],
      ['api_keys', keys.length],
    ];
  }

  /** In steps, since with each incident goes much else. */
  private async eraseIncidents(projectId: string): Promise<void> {
    for (;;) {
      const count = await this.database.transaction(async (query) => {
        const rows = await query<{ id: string }>(
          `SELECT id FROM incidents WHERE project_id = $1 LIMIT ${BATCH} FOR UPDATE`,
          [projectId],
        );
        await deleteIncidents(
          query,
          rows.map(({ id }) => id),
        );
        return rows.length;
      });
      if (count < BATCH) return;
    }
  }

  /** While nobody folds them: what a folding makes of them would be left behind. */
  private async eraseCounts(projectId: string): Promise<void> {
    await this.database.transaction(async (query) => {
      await query('SELECT pg_advisory_xact_lock($1)', [FOLDING_LOCK]);
      for (const table of COUNTS) await query(`DELETE FROM ${table} WHERE project_id = $1`, [projectId]);
    });
  }

  private async eraseRows(table: string, projectId: string): Promise<void> {
    for (;;) {
      const rows = await this.database.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table} WHERE project_id = $1 LIMIT ${BATCH})) RETURNING 1`,
        [projectId],
      );
      if (rows.length < BATCH) return;
    }
  }

  /** Tables with a column `project_id` that neither a foreign key nor `eraseCounts` empties. */
  private async tablesWithProject(): Promise<readonly string[]> {
    const rows = await this.database.query<{ table: string }>(
      `SELECT format('%I', c.table_name) AS table FROM information_schema.columns c
       JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.table_schema = current_schema() AND c.column_name = 'project_id' AND t.table_type = 'BASE TABLE'
         AND c.table_name <> ALL ($1)
         AND NOT EXISTS (SELECT FROM pg_constraint k
           WHERE k.conrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND k.contype = 'f'
             AND k.confrelid = 'projects'::regclass AND k.confdeltype = 'c')`,
      [COUNTS],
    );
    return rows.map(({ table }) => table);
  }

  /** For every table with rows of a project, which they are: SQL over `$1`, the project's id. */
  private async ownedRows(): Promise<ReadonlyMap<string, string>> {
    const columns = await this.database.query<{ table: string }>(
      `SELECT format('%I', c.table_name) AS table FROM information_schema.columns c
       JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.table_schema = current_schema() AND c.column_name = 'project_id' AND t.table_type = 'BASE TABLE'`,
    );
    const owned = new Map(columns.map(({ table }) => [table, 'project_id = $1']));
    const references = await this.database.query<Reference>(
      `SELECT k.conrelid::regclass::text AS table, a.attname AS column, k.confrelid::regclass::text AS target,
         b.attname AS "targetColumn"
       FROM pg_constraint k
       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
       JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
       WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.confdeltype = 'c'`,
    );
    // What hangs on owned rows is owned, and so on until nothing is added.
    for (let found = true; found;) {
      found = false;
      for (const { table, column, target, targetColumn } of references) {
        const condition = owned.get(target);
        if (condition === undefined || owned.has(table)) continue;
        owned.set(table, `${column} IN (SELECT ${targetColumn} FROM ${target} WHERE ${condition})`);
        found = true;
      }
    }
    return owned;
  }
}
