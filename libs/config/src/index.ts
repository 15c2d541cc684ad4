export { loadConfig, type Config } from './config.js';
export { InvalidConfiguration } from './invalid-configuration.js';
export {
  LLM_OPERATIONS,
  type LlmConfig,
  type LlmOperation,
  type LlmProviderConfig,
  type ModelPrice,
} from './llm-config.js';
export type { KnowledgeConfig } from './knowledge-config.js';
export type { EmbeddingConfig } from './embedding-config.js';
export type { GithubAppConfig } from './github-config.js';
export type { RetentionConfig } from './retention-config.js';
export type { SecretsConfig } from './secrets-config.js';
export { envSchema } from './env-schema.js';
export type { CachePolicyOverride, CachePolicyOverrides } from './cache-config.js';
export type { RedisEndpoint } from './redis-endpoint.js';
export type { SimilarityConfig, VectorIndexConfig } from './similarity-config.js';
export type { RemediationConfig } from './remediation-config.js';
export type { LlmBudgetConfig } from './llm-budget.js';
