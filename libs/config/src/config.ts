import { resolve } from 'node:path';
import { z } from 'zod';
import { envSchema, type Env } from './env-schema.js';

/** Where a model is reached, per preset; `null` must be given with LLM_BASE_URL. */
const LLM_PRESET_DEFAULTS: Record<
  NonNullable<Env['LLM_PROVIDER']>,
  { baseUrl: string | null; model: string | null; keyNeeded: boolean }
> = {
  nvidia: {
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    model: 'meta/llama-3.3-70b-instruct',
    keyNeeded: true,
  },
  openai: { baseUrl: 'https://api.openai.com/v1', model: 'gpt-4o-mini', keyNeeded: true },
  gemini: {
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai/',
    model: 'gemini-2.5-flash',
    keyNeeded: true,
  },
  ollama: { baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama3.1', keyNeeded: false },
  vllm: { baseUrl: null, model: null, keyNeeded: false },
  custom: { baseUrl: null, model: null, keyNeeded: false },
};

/** The configuration is wrong: names every variable, what it holds (never secrets) and what is expected. */
export class InvalidConfiguration extends Error {
  readonly code = 'invalid_configuration';
  constructor(readonly problems: readonly string[]) {
    super(`The configuration can't be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidConfiguration';
  }
}

export interface LlmConfig {
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly priceInputUsdPerMillion: number;
  readonly priceOutputUsdPerMillion: number;
}

/** The one typed, validated, frozen configuration. `null` stands for “the embedded stand-in serves”. */
export interface Config {
  readonly nodeEnv: Env['NODE_ENV'];
  /** Absolute path of what the embedded parts keep on disk. */
  readonly dataDir: string;
  readonly log: { readonly level: Env['LOG_LEVEL'] };
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly bodyLimitBytes: number;
    readonly manualLogLimitBytes: number;
    readonly webhookMaxBytes: number;
  };
  readonly database: { readonly url: string | null; readonly poolSize: number };
  /** Queues, locks and limits; not evictable. */
  readonly redisUrl: string | null;
  readonly cache: {
    readonly enabled: boolean;
    readonly prefix: string;
    /** Null: memory only. */
    readonly redisUrl: string | null;
    readonly maxEntries: number;
    readonly maxBytes: number;
    readonly maxValueBytes: number;
    readonly operationDeadlineMs: number;
    /** Lifetime overrides in ms by operation, from CACHE_TTL_<OPERATION>_SECONDS. */
    readonly ttlOverridesMs: Readonly<Record<string, number>>;
  };
  readonly queue: {
    readonly concurrency: number;
    readonly attempts: number;
    readonly backoffMs: number;
  };
  readonly outbox: { readonly sweepIntervalMs: number; readonly graceMs: number };
  readonly claimLeaseMs: number;
  readonly github: {
    readonly apiUrl: string;
    readonly token: string | null;
    /** Valid webhook secrets, the newest first; two during rotation. */
    readonly webhookSecrets: readonly string[];
    readonly logMaxBytes: number;
    readonly timeoutMs: number;
  };
  /** Null: the rule analyst answers. */
  readonly llm: LlmConfig | null;
  readonly archiveLogMaxBytes: number;
}

const TTL_VARIABLE = /^CACHE_TTL_([A-Z_]+)_SECONDS$/;

/**
 * Builds the configuration from environment variables.
 * @throws InvalidConfiguration naming every variable that is wrong
 */
export function loadConfig(variables: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) throw new InvalidConfiguration(parsed.error.issues.map(describeIssue));
  const env = parsed.data;
  const problems: string[] = [];
  const llm = llmConfig(env, problems);
  const ttlOverridesMs = ttlOverrides(given, problems);
  if (env.NODE_ENV === 'production' && !env.GITHUB_WEBHOOK_SECRET) {
    problems.push(
      'GITHUB_WEBHOOK_SECRET is not set: in production webhooks must be signed. Set it to the secret of your GitHub webhook.',
    );
  }
  if (problems.length > 0) throw new InvalidConfiguration(problems);

  return deepFreeze({
    nodeEnv: env.NODE_ENV,
    dataDir: resolve(env.DATA_DIR),
    log: { level: env.LOG_LEVEL },
    http: {
      // Without a database server this is somebody's own machine: loopback only.
      host: env.HOST ?? (env.DATABASE_URL ? '0.0.0.0' : '127.0.0.1'),
      port: env.PORT,
      bodyLimitBytes: env.HTTP_BODY_LIMIT_BYTES,
      manualLogLimitBytes: env.MANUAL_LOG_LIMIT_BYTES,
      webhookMaxBytes: env.WEBHOOK_MAX_BYTES,
    },
    database: { url: env.DATABASE_URL ?? null, poolSize: env.DATABASE_POOL_SIZE },
    redisUrl: env.REDIS_URL ?? null,
    cache: {
      enabled: env.CACHE_ENABLED,
      prefix: env.CACHE_PREFIX,
      redisUrl: env.CACHE_REDIS_URL ?? env.REDIS_URL ?? null,
      maxEntries: env.CACHE_MAX_SIZE,
      maxBytes: env.CACHE_MAX_BYTES,
      maxValueBytes: env.CACHE_MAX_VALUE_BYTES,
      operationDeadlineMs: env.CACHE_OPERATION_DEADLINE_MS,
      ttlOverridesMs,
    },
    queue: {
      concurrency: env.QUEUE_CONCURRENCY,
      attempts: env.QUEUE_ATTEMPTS,
      backoffMs: env.QUEUE_BACKOFF_MS,
    },
    outbox: { sweepIntervalMs: env.OUTBOX_SWEEP_INTERVAL_MS, graceMs: env.OUTBOX_GRACE_MS },
    claimLeaseMs: env.CLAIM_LEASE_MS,
    github: {
      apiUrl: env.GITHUB_API_URL,
      token: env.GITHUB_TOKEN ?? null,
      webhookSecrets: [env.GITHUB_WEBHOOK_SECRET, env.GITHUB_WEBHOOK_SECRET_PREVIOUS].filter(
        (secret) => secret !== undefined,
      ),
      logMaxBytes: env.GITHUB_LOG_MAX_BYTES,
      timeoutMs: env.GITHUB_TIMEOUT_MS,
    },
    llm,
    archiveLogMaxBytes: env.ARCHIVE_LOG_MAX_BYTES,
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.') || 'environment'}: ${issue.message}. See .env.example for its meaning and default.`;
}

function llmConfig(env: Env, problems: string[]): LlmConfig | null {
  if (!env.LLM_PROVIDER && !env.LLM_BASE_URL && !env.LLM_API_KEY) return null;
  const provider = env.LLM_PROVIDER ?? (env.LLM_BASE_URL ? 'custom' : 'openai');
  const preset = LLM_PRESET_DEFAULTS[provider];
  const baseUrl = env.LLM_BASE_URL ?? preset.baseUrl;
  const model = env.LLM_MODEL ?? preset.model;
  if (!baseUrl) problems.push(`LLM_BASE_URL is not set: the preset “${provider}” has no address of its own.`);
  if (!model) problems.push(`LLM_MODEL is not set: the preset “${provider}” has no default model.`);
  if (preset.keyNeeded && !env.LLM_API_KEY) problems.push(`LLM_API_KEY is not set: “${provider}” needs one.`);
  if (!baseUrl || !model) return null;
  return {
    provider,
    baseUrl,
    model,
    apiKey: env.LLM_API_KEY ?? 'none',
    timeoutMs: env.LLM_TIMEOUT_MS,
    maxAttempts: env.LLM_MAX_ATTEMPTS,
    priceInputUsdPerMillion: env.LLM_PRICE_INPUT_USD_PER_MILLION,
    priceOutputUsdPerMillion: env.LLM_PRICE_OUTPUT_USD_PER_MILLION,
  };
}

function ttlOverrides(
  variables: Record<string, string | undefined>,
  problems: string[],
): Record<string, number> {
  const overrides: Record<string, number> = {};
  for (const [name, value] of Object.entries(variables)) {
    const operation = TTL_VARIABLE.exec(name)?.[1];
    if (!operation) continue;
    const seconds = Number(value);
    if (!Number.isFinite(seconds) || seconds <= 0)
      problems.push(`${name}: must be a number of seconds above 0.`);
    else overrides[operation.toLowerCase()] = seconds * 1_000;
  }
  return overrides;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
