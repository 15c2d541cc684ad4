/** The roles that a model plays, named by what they do: one for each operation of `LanguageModel`. */
export const AGENT_IDS = ['classify', 'root_cause', 'solution', 'validate', 'chat'] as const;
export type AgentId = (typeof AGENT_IDS)[number];

/** Why the rules answered in a role's place: people decided so, and an answer made that way is as good as any. */
export const AGENT_INACTIVE = 'llm_agent_inactive';

/** What people decided about a role. */
export interface AgentState {
  readonly id: AgentId;
  /** False: its step is answered by the rules. */
  readonly active: boolean;
  /** The version of its prompt that was promoted; null: the release's own choice. */
  readonly promptVersion: string | null;
  /** Null: nobody decided anything yet. */
  readonly updatedAt: Date | null;
}

/** The same for every process; kept in the database. */
export abstract class AgentStates {
  /** All roles, in the order of `AGENT_IDS`. @throws ExternalFailure `database_away` */
  abstract all(): Promise<readonly AgentState[]>;
  /** Changes what is given and leaves the rest. Answers the state as it is then. */
  abstract change(
    id: AgentId,
    change: { readonly active?: boolean; readonly promptVersion?: string },
  ): Promise<AgentState>;
}
