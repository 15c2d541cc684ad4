import type { LlmBudgetConfig } from '@app/config';
import type { BudgetLine, BudgetState, ModelPolicy, SpendingKind, SpendingLimits } from '@app/domain';

/**
 * The periods that a call of a project counts in now, with a limit or without one: a limit that is set at noon holds for
 * the whole day. Days and months are UTC.
 * @param project null: of none
 */
export function budgetLines(
  config: LlmBudgetConfig,
  project: { readonly id: string; readonly policy: ModelPolicy } | null,
  now: Date,
): readonly BudgetLine[] {
  const all = linesOf('all', now, {
    day: { costUsd: config.dailyUsd, tokens: config.dailyTokens, calls: config.dailyCalls },
    month: { costUsd: config.monthlyUsd, tokens: config.monthlyTokens, calls: config.monthlyCalls },
  });
  if (project === null) return all;
  const { id, policy } = project;
  return [
    ...all,
    ...linesOf(`project:${id}`, now, {
      day: {
        costUsd: policy.dailyUsd ?? config.projectDailyUsd,
        tokens: policy.dailyTokens ?? config.projectDailyTokens,
        calls: policy.dailyCalls ?? config.projectDailyCalls,
      },
      month: {
        costUsd: policy.monthlyUsd ?? config.projectMonthlyUsd,
        tokens: policy.monthlyTokens ?? config.projectMonthlyTokens,
        calls: policy.monthlyCalls ?? config.projectMonthlyCalls,
      },
    }),
  ];
}

function linesOf(
  scope: string,
  now: Date,
  limits: { readonly day: SpendingLimits; readonly month: SpendingLimits },
): BudgetLine[] {
  const day = now.toISOString().slice(0, 10);
  return [
    { scope, period: day, limits: limits.day },
    { scope, period: day.slice(0, 7), limits: limits.month },
  ];
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
