import { CONFIG } from '@app/composition';
import type { Config, LlmBudgetConfig } from '@app/config';
import {
  Clock,
  ModelPolicies,
  ProjectNotFound,
  ProjectRepository,
  SpendingBudget,
  UsageLedger,
  type ApiKey,
  type BudgetLine,
  type BudgetState,
  type UsageCosts,
} from '@app/domain';
import { budgetLines } from '@app/llm';
import { Inject, Injectable } from '@nestjs/common';
import type { CostsQueryInput, QuotaView } from './usage.schemas.js';

const TYPES = [
  ['calls', 'calls'],
  ['tokens', 'tokens'],
  ['cost_usd', 'costUsd'],
] as const;

/** What models cost, as one caller may see it: outside its projects nothing exists. */
@Injectable()
export class UsageReader {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly budget: SpendingBudget,
    private readonly policies: ModelPolicies,
    private readonly projects: ProjectRepository,
    private readonly ledger: UsageLedger,
    private readonly clock: Clock,
  ) {}

  /**
   * The quotas of one project, or of everything and no project; a caller of some projects sees theirs.
   * @throws ProjectNotFound
   */
  async quotas(caller: ApiKey, project: string | undefined): Promise<QuotaView[]> {
    const now = this.clock.now();
    const ids = await this.visible(caller, project);
    const { budget } = this.config.llm ?? this.config.embedding ?? { budget: NO_LIMITS };
    const ofAll = project === undefined && caller.projectIds === null ? budgetLines(budget, null, now) : [];
    const ofProjects = await Promise.all(
      (ids ?? []).map(async (id) => {
        const lines = budgetLines(budget, { id, policy: await this.policies.of(id) }, now);
        return lines.filter(({ scope }) => scope !== 'all');
      }),
    );
    const lines: BudgetLine[] = [...ofAll, ...ofProjects.flat()];
    const states = lines.length === 0 ? [] : await this.budget.state(lines);
    return states.flatMap((state) => quotasOf(state, now));
  }

  /** @throws ProjectNotFound */
  async costs(caller: ApiKey, { project, from, to }: CostsQueryInput): Promise<UsageCosts> {
    const projectIds = await this.visible(caller, project);
    return this.ledger.costs({ from, to, projectIds });
  }

  /** Undefined: every project. */
  private async visible(caller: ApiKey, project: string | undefined): Promise<readonly string[] | undefined> {
    if (project === undefined) return caller.projectIds ?? undefined;
    const isVisible = caller.projectIds === null || caller.projectIds.includes(project);
    if (!isVisible || (await this.projects.find(project)) === null) throw new ProjectNotFound(project);
    return [project];
  }
}

function quotasOf({ scope, period, limits, used }: BudgetState, now: Date): QuotaView[] {
  const isDay = period.length > 7;
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const end = isDay ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
  return TYPES.map(([type, kind]) => ({
    projectId: scope === 'all' ? null : scope.slice('project:'.length),
    type,
    period: isDay ? 'day' : 'month',
    requests_used: used[kind],
    limit: limits[kind],
    reset_in_seconds: Math.ceil((end - now.getTime()) / 1_000),
  }));
}

/** Without a model nothing is spent. */
const NO_LIMITS: LlmBudgetConfig = {
  dailyUsd: null,
  monthlyUsd: null,
  dailyTokens: null,
  monthlyTokens: null,
  dailyCalls: null,
  monthlyCalls: null,
  projectDailyUsd: null,
  projectMonthlyUsd: null,
  projectDailyTokens: null,
  projectMonthlyTokens: null,
  projectDailyCalls: null,
  projectMonthlyCalls: null,
};
