import { LLM_OPERATIONS, type LlmConfig, type LlmOperation } from '@app/config';

export const NO_BUDGET: LlmConfig['budget'] = {
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

/** One model for every operation. */
export function allModels(model: string): Record<LlmOperation, string> {
  return Object.fromEntries(LLM_OPERATIONS.map((operation) => [operation, model])) as Record<
    LlmOperation,
    string
  >;
}

/** The configuration of a model at a stand-in server. */
export function llmConfig(baseUrl: string, changed: Partial<LlmConfig> = {}): LlmConfig {
  return {
    provider: 'custom',
    baseUrl,
    apiKey: 'test-key',
    models: allModels('stand-in:8b'),
    contextTokens: 32_000,
    maxOutputTokens: 1_000,
    timeoutMs: 5_000,
    isOutside: true,
    second: null,
    maxAttempts: 3,
    enableCache: true,
    prices: {},
    defaultPrice: { inputUsdPerMillion: 2, cachedInputUsdPerMillion: 2, outputUsdPerMillion: 10 },
    budget: NO_BUDGET,
    rateLimit: { requestsPerMinute: null, tokensPerMinute: null },
    ...changed,
  };
}
