import {
  DEFAULT_MODEL_POLICY,
  ProjectNotFound,
  type ModelPolicies,
  type ModelPolicy,
  type ProjectScope,
} from '@app/domain';
import type { Database } from '../database.js';
import { isUuid } from './uuid.js';

export class PostgresModelPolicies implements ModelPolicies {
  constructor(private readonly database: Database) {}

  async of(projectId: string): Promise<ModelPolicy> {
    if (!isUuid(projectId)) return DEFAULT_MODEL_POLICY;
    const [row] = await this.database.query<ModelPolicy>(
      `SELECT allows_outside_model AS "allowsOutsideModel", daily_usd::double precision AS "dailyUsd",
         monthly_usd::double precision AS "monthlyUsd", daily_tokens::double precision AS "dailyTokens",
         monthly_tokens::double precision AS "monthlyTokens", daily_calls AS "dailyCalls",
         monthly_calls AS "monthlyCalls"
       FROM model_policies WHERE project_id = $1`,
      [projectId],
    );
    return row ?? DEFAULT_MODEL_POLICY;
  }

  async allowOutside(projectIds: ProjectScope): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT FROM model_policies
       WHERE NOT allows_outside_model AND ($1::uuid[] IS NULL OR project_id = ANY ($1)) LIMIT 1`,
      [projectIds?.filter(isUuid) ?? null],
    );
    return rows.length === 0;
  }

  async set(projectId: string, policy: ModelPolicy): Promise<void> {
    if (!isUuid(projectId)) throw new ProjectNotFound(projectId);
    const { allowsOutsideModel, dailyUsd, monthlyUsd, dailyTokens, monthlyTokens } = policy;
    const rows = await this.database.query(
      `INSERT INTO model_policies (project_id, allows_outside_model, daily_usd, monthly_usd, daily_tokens,
         monthly_tokens, daily_calls, monthly_calls)
       SELECT id, $2::boolean, $3::numeric, $4::numeric, $5::bigint, $6::bigint, $7::integer, $8::integer
       FROM projects WHERE id = $1
       ON CONFLICT (project_id) DO UPDATE SET allows_outside_model = excluded.allows_outside_model,
         daily_usd = excluded.daily_usd, monthly_usd = excluded.monthly_usd, daily_tokens = excluded.daily_tokens,
         monthly_tokens = excluded.monthly_tokens, daily_calls = excluded.daily_calls,
         monthly_calls = excluded.monthly_calls
       RETURNING project_id`,
      [
        projectId,
        allowsOutsideModel,
        dailyUsd,
        monthlyUsd,
        dailyTokens,
        monthlyTokens,
        policy.dailyCalls,
        policy.monthlyCalls,
      ],
    );
    if (rows.length === 0) throw new ProjectNotFound(projectId);
  }
}
