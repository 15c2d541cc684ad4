import {
  DEFAULT_ACTION_POLICY,
  ProjectNotFound,
  isAutomatic,
  type ActionPolicies,
  type ActionPolicy,
} from '@app/domain';
import type { Database } from '../database.js';
import { storable } from '../storable.js';
import { isUuid } from './uuid.js';

/** Policies as JSON: what an older version stored is filled up with the defaults. */
export class PostgresActionPolicies implements ActionPolicies {
  constructor(private readonly database: Database) {}

  async find(projectId: string): Promise<ActionPolicy | null> {
    if (!isUuid(projectId)) return null;
    const [row] = await this.database.query<{ policy: Partial<ActionPolicy> }>(
      'SELECT policy FROM action_policies WHERE project_id = $1',
      [projectId],
    );
    return row ? completed(row.policy) : null;
  }

  async save(projectId: string, policy: ActionPolicy | null): Promise<void> {
    if (!isUuid(projectId)) throw new ProjectNotFound(projectId);
    if (policy === null) {
      await this.database.query('DELETE FROM action_policies WHERE project_id = $1', [projectId]);
      return;
    }
    const rows = await this.database.query(
      `INSERT INTO action_policies (project_id, policy) SELECT id, $2::jsonb FROM projects WHERE id = $1
       ON CONFLICT (project_id) DO UPDATE SET policy = excluded.policy RETURNING project_id`,
      [projectId, JSON.stringify(storable(policy))],
    );
    if (rows.length === 0) throw new ProjectNotFound(projectId);
  }

  async automatic(): Promise<readonly string[]> {
    const rows = await this.database.query<{ projectId: string; policy: Partial<ActionPolicy> }>(
      'SELECT project_id AS "projectId", policy FROM action_policies ORDER BY project_id',
    );
    return rows.filter(({ policy }) => isAutomatic(completed(policy))).map(({ projectId }) => projectId);
  }
}

function completed(stored: Partial<ActionPolicy>): ActionPolicy {
  return {
    ...DEFAULT_ACTION_POLICY,
    ...stored,
    kinds: { ...DEFAULT_ACTION_POLICY.kinds, ...stored.kinds },
    dailyLimits: { ...DEFAULT_ACTION_POLICY.dailyLimits, ...stored.dailyLimits },
  };
}
