import type { Env } from './env-schema.js';
import { llmBudget, type LlmBudgetConfig } from './llm-budget.js';

/** The operations that may have a model of their own. */
export const LLM_OPERATIONS = ['classify', 'root_cause', 'solution', 'validate', 'chat'] as const;
export type LlmOperation = (typeof LLM_OPERATIONS)[number];

/** US dollars a million tokens. */
export interface ModelPrice {
  readonly inputUsdPerMillion: number;
  /** Input tokens that the provider had in its own cache. */
  readonly cachedInputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
}

/** Where one provider is reached, and what is asked of it. */
export interface LlmProviderConfig {
  /** The preset: `openai`, `nvidia` … */
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly models: Readonly<Record<LlmOperation, string>>;
  /** Tokens of prompt and answer together that the model takes. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly timeoutMs: number;
  /** Whether what is sent leaves our own machine and network. */
  readonly isOutside: boolean;
}

export interface LlmConfig extends LlmProviderConfig {
  /** Asked while the first one gives no answer; null: the rules answer then. */
  readonly second: LlmProviderConfig | null;
  readonly maxAttempts: number;
  readonly enableCache: boolean;
  /** By model; `defaultPrice` for the others. */
  readonly prices: Readonly<Record<string, ModelPrice>>;
  readonly defaultPrice: ModelPrice;
  readonly budget: LlmBudgetConfig;
  /** What is sent to the provider a minute at most; null: as much as there is. */
  readonly rateLimit: { readonly requestsPerMinute: number | null; readonly tokensPerMinute: number | null };
}

interface Preset {
  /** `null` must be given with LLM_BASE_URL. */
  readonly baseUrl: string | null;
  readonly model: string | null;
  readonly keyNeeded: boolean;
  readonly contextTokens: number;
}

/** Where a model is reached, per preset. The default models are such that their providers keep them for years. */
export const LLM_PRESET_DEFAULTS: Readonly<Record<NonNullable<Env['LLM_PROVIDER']>, Preset>> = {
  nvidia: {
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    model: 'meta/llama-3.3-70b-instruct',
    keyNeeded: true,
    contextTokens: 128_000,
  },
  openai: {
    baseUrl: 'https://api.openai.com/v1',
    model: 'gpt-4o-mini',
    keyNeeded: true,
    contextTokens: 128_000,
  },
  gemini: {
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai/',
    model: 'gemini-2.5-flash',
    keyNeeded: true,
    contextTokens: 1_000_000,
  },
  // Ollama cuts prompts off silently at the context it was started with: the default is one it commonly has.
  ollama: {
    baseUrl: 'http://127.0.0.1:11434/v1',
    model: 'llama3.1',
    keyNeeded: false,
    contextTokens: 8_192,
  },
  vllm: { baseUrl: null, model: null, keyNeeded: false, contextTokens: 16_384 },
  custom: { baseUrl: null, model: null, keyNeeded: false, contextTokens: 16_384 },
};

/** The model's configuration; null when none is given. Adds to `problems` what is wrong. */
export function llmConfig(env: Env, problems: string[]): LlmConfig | null {
  if (!env.LLM_PROVIDER && !env.LLM_BASE_URL && !env.LLM_API_KEY) return null;
  const first = providerConfig(
    'LLM',
    env,
    {
      provider: env.LLM_PROVIDER,
      baseUrl: env.LLM_BASE_URL,
      apiKey: env.LLM_API_KEY,
      model: env.LLM_MODEL,
      contextTokens: env.LLM_CONTEXT_TOKENS,
    },
    {
      classify: env.LLM_MODEL_CLASSIFY,
      root_cause: env.LLM_MODEL_ROOT_CAUSE,
      solution: env.LLM_MODEL_SOLUTION,
      validate: env.LLM_MODEL_VALIDATE,
      chat: env.LLM_MODEL_CHAT,
    },
    problems,
  );
  const hasSecond = env.LLM_SECOND_PROVIDER ?? env.LLM_SECOND_BASE_URL;
  const second =
    hasSecond === undefined
      ? null
      : providerConfig(
          'LLM_SECOND',
          env,
          {
            provider: env.LLM_SECOND_PROVIDER,
            baseUrl: env.LLM_SECOND_BASE_URL,
            apiKey: env.LLM_SECOND_API_KEY,
            model: env.LLM_SECOND_MODEL,
            contextTokens: env.LLM_SECOND_CONTEXT_TOKENS,
          },
          {},
          problems,
        );
  const prices = priceTable(env.LLM_PRICES ?? '', problems);
  if (first === null) return null;
  return {
    ...first,
    second,
    maxAttempts: env.LLM_MAX_ATTEMPTS,
    enableCache: env.LLM_CACHE_ENABLED,
    prices,
    defaultPrice: {
      inputUsdPerMillion: env.LLM_PRICE_INPUT_USD_PER_MILLION,
      cachedInputUsdPerMillion: env.LLM_PRICE_INPUT_USD_PER_MILLION,
      outputUsdPerMillion: env.LLM_PRICE_OUTPUT_USD_PER_MILLION,
    },
    budget: llmBudget(env),
    rateLimit: {
      requestsPerMinute: env.LLM_REQUESTS_PER_MINUTE ?? null,
      tokensPerMinute: env.LLM_TOKENS_PER_MINUTE ?? null,
    },
  };
}

interface Given {
  readonly provider: Env['LLM_PROVIDER'];
  readonly baseUrl: string | undefined;
  readonly apiKey: string | undefined;
  readonly model: string | undefined;
  readonly contextTokens: number | undefined;
}

function providerConfig(
  prefix: string,
  env: Env,
  given: Given,
  models: Partial<Record<LlmOperation, string>>,
  problems: string[],
): LlmProviderConfig | null {
  const provider = given.provider ?? (given.baseUrl ? 'custom' : 'openai');
  const preset = LLM_PRESET_DEFAULTS[provider];
  const baseUrl = given.baseUrl ?? preset.baseUrl;
  const model = given.model ?? preset.model;
  if (!baseUrl) {
    problems.push(`${prefix}_BASE_URL is not set: the preset “${provider}” has no address of its own.`);
  }
  if (!model) problems.push(`${prefix}_MODEL is not set: the preset “${provider}” has no default model.`);
  if (preset.keyNeeded && !given.apiKey) {
    problems.push(`${prefix}_API_KEY is not set: “${provider}” needs one.`);
  }
  const contextTokens = given.contextTokens ?? preset.contextTokens;
  const maxOutputTokens = env.LLM_MAX_OUTPUT_TOKENS;
  if (contextTokens < 2 * maxOutputTokens) {
    problems.push(
      `LLM_MAX_OUTPUT_TOKENS: ${maxOutputTokens} leaves too little of the ${contextTokens} tokens of ${prefix}_CONTEXT_TOKENS for the prompt; it may be half of it at most.`,
    );
  }
  if (!baseUrl || !model) return null;
  return {
    provider,
    baseUrl,
    apiKey: given.apiKey ?? 'none',
    models: {
      classify: models.classify ?? model,
      root_cause: models.root_cause ?? model,
      solution: models.solution ?? model,
      validate: models.validate ?? model,
      chat: models.chat ?? model,
    },
    contextTokens,
    maxOutputTokens,
    timeoutMs: env.LLM_TIMEOUT_MS,
    isOutside: !isOwnNetwork(new URL(baseUrl).hostname),
  };
}

/** `model=input/output` or `model=input/output/cached input`, parted by commas. */
function priceTable(text: string, problems: string[]): Record<string, ModelPrice> {
  const table: Record<string, ModelPrice> = {};
  for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
    const [, model, figures] = /^\s*(\S+)=([\d./]+)\s*$/.exec(entry) ?? [];
    const [input, output, cached] = (figures ?? '').split('/').map((figure) => Number(figure || Number.NaN));
    if (model === undefined || !isPrice(input) || !isPrice(output) || !isPrice(cached ?? 0)) {
      problems.push(
        `LLM_PRICES: “${entry.trim()}” is no price; expected model=input/output or model=input/output/cached, in dollars a million tokens.`,
      );
      continue;
    }
    table[model] = {
      inputUsdPerMillion: input,
      cachedInputUsdPerMillion: cached ?? input,
      outputUsdPerMillion: output,
    };
  }
  return table;
}

function isPrice(figure: number | undefined): figure is number {
  return figure !== undefined && Number.isFinite(figure) && figure >= 0;
}

/** Loopback, private ranges (RFC 1918, RFC 4193), and names that only a local network resolves. */
export function isOwnNetwork(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || /^f[cd][0-9a-f]{2}:/.test(host)) return true;
  if (/^\d+(?:\.\d+){3}$/.test(host)) {
    return /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host);
  }
  return (
    !host.includes(':') &&
    (!host.includes('.') || /\.(?:local|internal|localhost|lan|home\.arpa)$/.test(host))
  );
}
