import type { LlmConfig } from '@app/config';

/** The configuration of a model at a stand-in server. */
export function llmConfig(baseUrl: string, changed: Partial<LlmConfig> = {}): LlmConfig {
  return {
    provider: 'custom',
    baseUrl,
    apiKey: 'test-key',
    model: 'stand-in:8b',
    timeoutMs: 5_000,
    maxAttempts: 3,
    priceInputUsdPerMillion: 2,
    priceOutputUsdPerMillion: 10,
    ...changed,
  };
}
