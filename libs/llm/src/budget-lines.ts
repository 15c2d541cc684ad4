import type { LlmBudgetConfig } from '@app/config';
import type { BudgetLine, BudgetState, ModelPolicy, SpendingKind, SpendingLimits } from '@app/domain';

const NO_LIMITS: SpendingLimits = { costUsd: null, tokens: null, calls: null };

/** The periods that a call of a project counts in now, of those that have a limit; days and months are UTC. */
export function budgetLines(
  config: LlmBudgetConfig,
  policy: ModelPolicy,
  projectId: string,
  now: Date,
): readonly BudgetLine[] {
  const day = now.toISOString().slice(0, 10);
  const month = day.slice(0, 7);
  const project = `project:${projectId}`;
  const lines: BudgetLine[] = [
    {
      scope: 'all',
      period: day,
      limits: { costUsd: config.dailyUsd, tokens: config.dailyTokens, calls: config.dailyCalls },
    },
    { scope: 'all', period: month, limits: { ...NO_LIMITS, costUsd: config.monthlyUsd } },
    {
      scope: project,
      period: day,
      limits: { ...NO_LIMITS, costUsd: policy.dailyUsd ?? config.projectDailyUsd },
    },
    {
      scope: project,
      period: month,
      limits: { ...NO_LIMITS, costUsd: policy.monthlyUsd ?? config.projectMonthlyUsd },
    },
  ];
  return lines.filter(({ limits }) => Object.values(limits).some((limit) => limit !== null));
}

const UNITS: Readonly<Record<SpendingKind, (amount: number) => string>> = {
  costUsd: (amount) => `$${amount.toFixed(2)}`,
  tokens: (amount) => `${amount} tokens`,
  calls: (amount) => `${amount} calls`,
};

/** Which limit is reached, for people. */
export function describeLimit({ scope, period, limits, used }: BudgetState, kind: SpendingKind): string {
  const whose = scope === 'all' ? '' : ' of the project';
  const length = period.length > 7 ? 'day' : 'month';
  const say = UNITS[kind];
  return `the ${length}'s budget${whose} (${say(limits[kind] ?? 0)}, ${period}) has no room for another call: ${say(used[kind])} are spent or reserved`;
}
