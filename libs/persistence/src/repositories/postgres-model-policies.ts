import { DEFAULT_MODEL_POLICY, ProjectNotFound, type ModelPolicies, type ModelPolicy } from '@app/domain';
import type { Database } from '../database.js';
import { isUuid } from './uuid.js';

export class PostgresModelPolicies implements ModelPolicies {
  constructor(private readonly database: Database) {}

  async of(projectId: string): Promise<ModelPolicy> {
    if (!isUuid(projectId)) return DEFAULT_MODEL_POLICY;
    const [row] = await this.database.query<ModelPolicy>(
      `SELECT allows_outside_model AS "allowsOutsideModel", daily_usd::double precision AS "dailyUsd",
         monthly_usd::double precision AS "monthlyUsd"
       FROM model_policies WHERE project_id = $1`,
      [projectId],
    );
    return row ?? DEFAULT_MODEL_POLICY;
  }

  async set(projectId: string, policy: ModelPolicy): Promise<void> {
    if (!isUuid(projectId)) throw new ProjectNotFound(projectId);
    const rows = await this.database.query(
      `INSERT INTO model_policies (project_id, allows_outside_model, daily_usd, monthly_usd)
       SELECT id, $2::boolean, $3::numeric, $4::numeric FROM projects WHERE id = $1
       ON CONFLICT (project_id) DO UPDATE SET allows_outside_model = excluded.allows_outside_model,
         daily_usd = excluded.daily_usd, monthly_usd = excluded.monthly_usd
       RETURNING project_id`,
      [projectId, policy.allowsOutsideModel, policy.dailyUsd, policy.monthlyUsd],
    );
    if (rows.length === 0) throw new ProjectNotFound(projectId);
  }
}
