import type { Env } from './env-schema.js';
import { llmBudget, type LlmBudgetConfig } from './llm-budget.js';
import { isOwnNetwork, LLM_PRESET_DEFAULTS } from './llm-config.js';

/** An embedder at an OpenAI-compatible server. */
export interface EmbeddingConfig {
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly dimensions: number;
  /** Longer texts are cut. */
  readonly maxTokens: number;
  /** Texts a request. */
  readonly batchSize: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly priceUsdPerMillion: number;
  /** Whether what is sent leaves our own machine and network. */
  readonly isOutside: boolean;
  /** The same as of the language models: one purse. */
  readonly budget: LlmBudgetConfig;
}

const PRESET_MODELS: Readonly<
  Partial<Record<NonNullable<Env['EMBEDDING_PROVIDER']>, { model: string; dimensions: number }>>
> = {
  openai: { model: 'text-embedding-3-small', dimensions: 1_536 },
  gemini: { model: 'gemini-embedding-001', dimensions: 3_072 },
  nvidia: { model: 'nvidia/nv-embedqa-e5-v5', dimensions: 1_024 },
  ollama: { model: 'nomic-embed-text', dimensions: 768 },
};

/** The embedder's configuration; null: the local one serves. Adds to `problems` what is wrong. */
export function embeddingConfig(env: Env, problems: string[]): EmbeddingConfig | null {
  const provider = env.EMBEDDING_PROVIDER ?? (env.EMBEDDING_BASE_URL ? 'custom' : null);
  if (provider === null) {
    const unused = (['EMBEDDING_MODEL', 'EMBEDDING_API_KEY'] as const).filter((name) => env[name]);
    for (const name of unused) {
      problems.push(
        `${name} is set, but neither EMBEDDING_PROVIDER nor EMBEDDING_BASE_URL: nobody is asked.`,
      );
    }
    if (env.EMBEDDING_DIM !== undefined && env.EMBEDDING_DIM !== 768) {
      problems.push(
        'EMBEDDING_DIM: the local embedder has 768 dimensions; set EMBEDDING_PROVIDER for another.',
      );
    }
    return null;
  }
  const preset = LLM_PRESET_DEFAULTS[provider];
  const baseUrl = env.EMBEDDING_BASE_URL ?? preset.baseUrl;
  const model = env.EMBEDDING_MODEL ?? PRESET_MODELS[provider]?.model;
  const isPresetModel = model === PRESET_MODELS[provider]?.model;
  const dimensions = env.EMBEDDING_DIM ?? (isPresetModel ? PRESET_MODELS[provider]?.dimensions : undefined);
  // One account is commonly used for both.
  const apiKey = env.EMBEDDING_API_KEY ?? (env.LLM_PROVIDER === provider ? env.LLM_API_KEY : undefined);
  if (!baseUrl) problems.push(`EMBEDDING_BASE_URL is not set: the preset “${provider}” has no address.`);
  if (!model) problems.push(`EMBEDDING_MODEL is not set: the preset “${provider}” has no default model.`);
  if (dimensions === undefined) {
    problems.push(`EMBEDDING_DIM is not set: how many dimensions ${model ?? 'the model'} has is not known.`);
  }
  if (preset.keyNeeded && !apiKey) problems.push(`EMBEDDING_API_KEY is not set: “${provider}” needs one.`);
  if (!baseUrl || !model || dimensions === undefined) return null;
  return {
    provider,
    baseUrl,
    model,
    dimensions,
    apiKey: apiKey ?? 'none',
    maxTokens: env.EMBEDDING_MAX_TOKENS,
    batchSize: env.EMBEDDING_BATCH_SIZE,
    timeoutMs: env.LLM_TIMEOUT_MS,
    maxAttempts: env.LLM_MAX_ATTEMPTS,
    priceUsdPerMillion: env.EMBEDDING_PRICE_USD_PER_MILLION,
    isOutside: !isOwnNetwork(new URL(baseUrl).hostname),
    budget: llmBudget(env),
  };
}
