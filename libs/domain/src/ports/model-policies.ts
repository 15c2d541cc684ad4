import type { ProjectScope } from './knowledge-repository.js';

/** What a project allows a model to be asked and to cost. */
export interface ModelPolicy {
  /** False: nothing of the project is sent to a model outside our own network; the rules answer. */
  readonly allowsOutsideModel: boolean;
  /** US dollars; null: the configured limit for projects. */
  readonly dailyUsd: number | null;
  readonly monthlyUsd: number | null;
  /** Tokens and calls; null: the configured limit for projects. */
  readonly dailyTokens: number | null;
  readonly monthlyTokens: number | null;
  readonly dailyCalls: number | null;
  readonly monthlyCalls: number | null;
}

export const DEFAULT_MODEL_POLICY: ModelPolicy = {
  allowsOutsideModel: true,
  dailyUsd: null,
  monthlyUsd: null,
  dailyTokens: null,
  monthlyTokens: null,
  dailyCalls: null,
  monthlyCalls: null,
};

export abstract class ModelPolicies {
  /** The default where the project said nothing. @throws ExternalFailure `database_away` */
  abstract of(projectId: string): Promise<ModelPolicy>;
  /** Whether every project of the scope allows its texts to be sent outside. @throws ExternalFailure `database_away` */
  abstract allowOutside(projectIds: ProjectScope): Promise<boolean>;
  /** @throws ProjectNotFound */
  abstract set(projectId: string, policy: ModelPolicy): Promise<void>;
}
