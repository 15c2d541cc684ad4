import type { EmbeddingConfig } from '@app/config';
import { NO_BUDGET } from './llm-config.js';

/** The configuration of an embedder at a stand-in server. */
export function embeddingConfig(baseUrl: string, changed: Partial<EmbeddingConfig> = {}): EmbeddingConfig {
  return {
    provider: 'custom',
    baseUrl,
    apiKey: 'test-key',
    model: 'stand-in-embed',
    dimensions: 768,
    maxTokens: 2_000,
    batchSize: 64,
    timeoutMs: 5_000,
    maxAttempts: 3,
    priceUsdPerMillion: 0,
    isOutside: true,
    budget: NO_BUDGET,
    ...changed,
  };
}
