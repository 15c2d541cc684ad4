import type { Env } from './env-schema.js';

/** What calls to models may come to in a day and a calendar month (UTC). Null: no limit. */
export interface LlmBudgetConfig {
  /** US dollars. */
  readonly dailyUsd: number | null;
  readonly monthlyUsd: number | null;
  readonly dailyTokens: number | null;
  readonly monthlyTokens: number | null;
  readonly dailyCalls: number | null;
  readonly monthlyCalls: number | null;
  /** For each project that has no limits of its own. */
  readonly projectDailyUsd: number | null;
  readonly projectMonthlyUsd: number | null;
  readonly projectDailyTokens: number | null;
  readonly projectMonthlyTokens: number | null;
  readonly projectDailyCalls: number | null;
  readonly projectMonthlyCalls: number | null;
}

export function llmBudget(env: Env): LlmBudgetConfig {
  return {
    dailyUsd: env.LLM_BUDGET_DAILY_USD ?? null,
    monthlyUsd: env.LLM_BUDGET_MONTHLY_USD ?? null,
    dailyTokens: env.LLM_QUOTA_DAILY_TOKENS ?? null,
    monthlyTokens: env.LLM_QUOTA_MONTHLY_TOKENS ?? null,
    dailyCalls: env.LLM_QUOTA_DAILY_CALLS ?? null,
    monthlyCalls: env.LLM_QUOTA_MONTHLY_CALLS ?? null,
    projectDailyUsd: env.LLM_PROJECT_BUDGET_DAILY_USD ?? null,
    projectMonthlyUsd: env.LLM_PROJECT_BUDGET_MONTHLY_USD ?? null,
    projectDailyTokens: env.LLM_PROJECT_QUOTA_DAILY_TOKENS ?? null,
    projectMonthlyTokens: env.LLM_PROJECT_QUOTA_MONTHLY_TOKENS ?? null,
    projectDailyCalls: env.LLM_PROJECT_QUOTA_DAILY_CALLS ?? null,
    projectMonthlyCalls: env.LLM_PROJECT_QUOTA_MONTHLY_CALLS ?? null,
  };
}
