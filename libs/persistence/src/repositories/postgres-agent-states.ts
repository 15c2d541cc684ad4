import { AGENT_IDS, type AgentId, type AgentState, type AgentStates } from '@app/domain';
import type { Database } from '../database.js';

const COLUMNS = 'id, active, prompt_version AS "promptVersion", updated_at AS "updatedAt"';

export class PostgresAgentStates implements AgentStates {
  constructor(private readonly database: Database) {}

  async all(): Promise<readonly AgentState[]> {
    const rows = await this.database.query<AgentState>(`SELECT ${COLUMNS} FROM agent_states`);
    return AGENT_IDS.map(
      (id) => rows.find((row) => row.id === id) ?? { id, active: true, promptVersion: null, updatedAt: null },
    );
  }

  async change(
    id: AgentId,
    { active, promptVersion }: { readonly active?: boolean; readonly promptVersion?: string },
  ): Promise<AgentState> {
    const [state] = await this.database.query<AgentState>(
      `INSERT INTO agent_states AS s (id, active, prompt_version, updated_at)
       VALUES ($1, coalesce($2::boolean, true), $3, $4)
       ON CONFLICT (id) DO UPDATE SET active = coalesce($2::boolean, s.active),
         prompt_version = coalesce($3, s.prompt_version), updated_at = excluded.updated_at
       RETURNING ${COLUMNS}`,
      [id, active ?? null, promptVersion ?? null, this.database.clock.now()],
    );
    return state!;
  }
}
