import { isIP } from 'node:net';
import { z } from 'zod';

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'])
  .transform((text) => ['true', '1', 'yes', 'on'].includes(text));
const optionalText = z.string().trim().min(1).optional();
const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
/** IP addresses and ranges, separated by commas. */
const addresses = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine((entries) => entries.every((entry) => isIP(entry.split('/', 1)[0]!) !== 0), {
    message: 'must be IP addresses or ranges like 10.0.0.0/8, separated by commas',
  });
/** Host names, separated by commas. */
const hosts = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine((entries) => entries.every((entry) => /^[\w.:[\]-]+$/.test(entry)), {
    message: 'must be host names like wiki.example.com, separated by commas',
  });
const lifetimeSeconds = z.coerce.number().positive().optional();
/** US dollars. */
const amount = z.coerce.number().min(0).optional();
const url = (protocols: readonly string[]) =>
  z
    .string()
    .trim()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      message: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    })
    .optional();

export const LLM_PRESETS = ['nvidia', 'openai', 'gemini', 'ollama', 'vllm', 'custom'] as const;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/**
 * Every environment variable the product reads, with its default. `.env.example` is held to this table by a test.
 * An empty value counts as unset.
 */
export const envSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  DATA_DIR: z.string().trim().min(1).default('.data'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),

  HOST: optionalText,
  PORT: int(0, 65_535).default(3000),
  PUBLIC_URL: url(['http:', 'https:']),
  HTTP_BODY_LIMIT_BYTES: int(1_024, 1_000_000_000).default(1_048_576),
  MANUAL_LOG_LIMIT_BYTES: int(1_024, 1_000_000_000).default(52_428_800),

  DATABASE_URL: url(['postgres:', 'postgresql:']),
  DATABASE_POOL_SIZE: int(2, 500).default(10),

  SECRETS_KEY: optionalText,
  SECRETS_KEY_PREVIOUS: optionalText,

  REDIS_ENABLED: flag.default(true),
  REDIS_URL: url(['redis:', 'rediss:']),
  REDIS_HOST: optionalText,
  REDIS_PORT: int(1, 65_535).default(6379),
  REDIS_DB: int(0, 1_000_000).default(0),
  REDIS_USERNAME: optionalText,
  REDIS_PASSWORD: optionalText,
  REDIS_AUTH: optionalText,
  REDIS_TLS_ENABLED: flag.default(false),
  REDIS_TLS_CA_FILE: optionalText,
  // Fewer couldn't hold what a process opens: cache, its bus, locks, events and the queue's.
  REDIS_MAX_CONNECTIONS: int(10, 100_000).default(50),
  REDIS_SOCKET_TIMEOUT: z.coerce.number().min(1).max(3_600).default(5),
  REDIS_TTL: lifetimeSeconds,
  REDIS_SENTINELS: optionalText,
  REDIS_SENTINEL_NAME: z.string().trim().min(1).default('mymaster'),
  REDIS_CLUSTER_NODES: optionalText,
  CACHE_REDIS_URL: url(['redis:', 'rediss:']),
  CACHE_REDIS_SENTINELS: optionalText,
  CACHE_REDIS_SENTINEL_NAME: z.string().trim().min(1).default('mymaster'),
  CACHE_REDIS_CLUSTER_NODES: optionalText,

  CACHE_ENABLED: flag.optional(),
  ENABLE_CACHE: flag.optional(),
  CACHE_BACKEND: z.enum(['auto', 'memory', 'redis', 'two_tier']).default('auto'),
  CACHE_PREFIX: z
    .string()
    .trim()
    .regex(/^[\w.-]+$/, 'may hold letters, digits, _ . and -')
    .default('devflowfix'),
  CACHE_MAX_SIZE: int(1, 10_000_000).default(10_000),
  CACHE_MAX_BYTES: int(1_024, 100_000_000_000).default(134_217_728),
  CACHE_MAX_VALUE_BYTES: int(1_024, 500_000_000).default(8_388_608),
  CACHE_OPERATION_DEADLINE_MS: int(1, 60_000).default(50),
  CACHE_MEMORY_TTL_SECONDS: z.coerce.number().min(0.1).max(3_600).default(10),
  CACHE_WARM_QUESTIONS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split('|')
        .map((question) => question.trim())
        .filter(Boolean),
    ),
  CACHE_TTL_SECONDS: lifetimeSeconds,
  CACHE_TTL_FACETS: lifetimeSeconds,
  CACHE_TTL_SEARCH: lifetimeSeconds,
  CACHE_TTL_STATS: lifetimeSeconds,
  CACHE_TTL_RATELIMIT: lifetimeSeconds,

  RATELIMIT_ENABLED: flag.default(true),
  RATELIMIT_REQUESTS: int(1, 1_000_000_000).default(100),
  RATELIMIT_WINDOW: int(1, 86_400).default(60),
  RATELIMIT_EXEMPT: addresses,

  QUEUE_CONCURRENCY: int(1, 256).default(4),
  QUEUE_ATTEMPTS: int(1, 10_000).default(200),
  QUEUE_BACKOFF_MS: int(1, 600_000).default(1_000),
  OUTBOX_SWEEP_INTERVAL_MS: int(100, 3_600_000).default(5_000),
  OUTBOX_GRACE_MS: int(100, 3_600_000).default(10_000),
  CLAIM_LEASE_MS: int(1_000, 3_600_000).default(30_000),

  REMEDIATION_INTERVAL_MS: int(100, 3_600_000).default(5_000),
  REMEDIATION_WATCH_INTERVAL_MS: int(100, 3_600_000).default(60_000),
  REMEDIATION_VERIFY_RERUN_MS: int(1_000, 2_592_000_000).default(21_600_000),
  REMEDIATION_VERIFY_FIX_MS: int(1_000, 2_592_000_000).default(604_800_000),

  GITHUB_API_URL: url(['http:', 'https:']).default('https://api.github.com'),
  GITHUB_TOKEN: optionalText,
  GITHUB_APP_ID: int(1, Number.MAX_SAFE_INTEGER).optional(),
  GITHUB_APP_PRIVATE_KEY: optionalText,
  GITHUB_APP_PRIVATE_KEY_FILE: optionalText,
  GITHUB_WEBHOOK_SECRET: optionalText,
  GITHUB_WEBHOOK_SECRET_PREVIOUS: optionalText,
  GITHUB_LOG_MAX_BYTES: int(10_000, 2_000_000_000).default(104_857_600),
  GITHUB_TIMEOUT_MS: int(100, 600_000).default(30_000),
  // 0 = never.
  RECONCILE_INTERVAL_MS: int(0, 86_400_000).default(300_000),
  LEARN_INTERVAL_MS: int(100, 86_400_000).default(120_000),
  WEBHOOK_MAX_BYTES: int(1_024, 100_000_000).default(26_214_400),

  LLM_PROVIDER: z.enum(LLM_PRESETS).optional(),
  LLM_BASE_URL: url(['http:', 'https:']),
  LLM_API_KEY: optionalText,
  LLM_MODEL: optionalText,
  LLM_MODEL_CLASSIFY: optionalText,
  LLM_MODEL_ROOT_CAUSE: optionalText,
  LLM_MODEL_SOLUTION: optionalText,
  LLM_MODEL_VALIDATE: optionalText,
  LLM_MODEL_CHAT: optionalText,
  LLM_CONTEXT_TOKENS: int(2_000, 20_000_000).optional(),
  LLM_MAX_OUTPUT_TOKENS: int(256, 1_000_000).default(2_048),
  LLM_TIMEOUT_MS: int(100, 600_000).default(60_000),
  LLM_MAX_ATTEMPTS: int(1, 10).default(3),
  LLM_CACHE_ENABLED: flag.default(true),
  LLM_PRICE_INPUT_USD_PER_MILLION: z.coerce.number().min(0).default(0),
  LLM_PRICE_OUTPUT_USD_PER_MILLION: z.coerce.number().min(0).default(0),
  LLM_PRICES: optionalText,
  LLM_SECOND_PROVIDER: z.enum(LLM_PRESETS).optional(),
  LLM_SECOND_BASE_URL: url(['http:', 'https:']),
  LLM_SECOND_API_KEY: optionalText,
  LLM_SECOND_MODEL: optionalText,
  LLM_SECOND_CONTEXT_TOKENS: int(2_000, 20_000_000).optional(),
  LLM_REQUESTS_PER_MINUTE: int(1, 1_000_000).optional(),
  LLM_TOKENS_PER_MINUTE: int(1_000, 1_000_000_000).optional(),
  LLM_BUDGET_DAILY_USD: amount,
  LLM_BUDGET_MONTHLY_USD: amount,
  LLM_PROJECT_BUDGET_DAILY_USD: amount,
  LLM_PROJECT_BUDGET_MONTHLY_USD: amount,
  LLM_QUOTA_DAILY_TOKENS: int(0, 1_000_000_000_000).optional(),
  LLM_QUOTA_MONTHLY_TOKENS: int(0, 1_000_000_000_000).optional(),
  LLM_QUOTA_DAILY_CALLS: int(0, 1_000_000_000).optional(),
  LLM_QUOTA_MONTHLY_CALLS: int(0, 1_000_000_000).optional(),
  LLM_PROJECT_QUOTA_DAILY_TOKENS: int(0, 1_000_000_000_000).optional(),
  LLM_PROJECT_QUOTA_MONTHLY_TOKENS: int(0, 1_000_000_000_000).optional(),
  LLM_PROJECT_QUOTA_DAILY_CALLS: int(0, 1_000_000_000).optional(),
  LLM_PROJECT_QUOTA_MONTHLY_CALLS: int(0, 1_000_000_000).optional(),

  EMBEDDING_PROVIDER: z.enum(LLM_PRESETS).optional(),
  EMBEDDING_BASE_URL: url(['http:', 'https:']),
  EMBEDDING_API_KEY: optionalText,
  EMBEDDING_MODEL: optionalText,
  // pgvector indexes halfvec up to 4,000 dimensions.
  EMBEDDING_DIM: int(1, 4_000).optional(),
  EMBEDDING_MAX_TOKENS: int(16, 1_000_000).default(2_048),
  EMBEDDING_BATCH_SIZE: int(1, 2_048).default(64),
  EMBEDDING_PRICE_USD_PER_MILLION: z.coerce.number().min(0).default(0),

  SIMILARITY_THRESHOLD: z.coerce.number().min(0).max(1).default(0.7),
  SIMILARITY_LIMIT: int(1, 100).default(5),
  // The bounds of pgvector's own.
  VECTOR_INDEX_M: int(2, 100).default(16),
  VECTOR_INDEX_EF_CONSTRUCTION: int(4, 1_000).default(64),
  VECTOR_EF_SEARCH: int(1, 1_000).default(100),

  KNOWLEDGE_MAX_BYTES: int(1_024, 200_000_000).default(20_971_520),
  KNOWLEDGE_MAX_PAGES: int(1, 100_000).default(1_000),
  KNOWLEDGE_READ_TIMEOUT_MS: int(100, 600_000).default(20_000),
  KNOWLEDGE_READ_MEMORY_BYTES: int(67_108_864, 8_000_000_000).default(536_870_912),
  KNOWLEDGE_FETCH_TIMEOUT_MS: int(100, 600_000).default(20_000),
  KNOWLEDGE_INTERNAL_HOSTS: hosts,
  RETENTION_LOG_DAYS: int(1, 3_650).default(90),
  RETENTION_DIAGNOSIS_DAYS: int(1, 3_650).default(730),
  RETENTION_DELIVERY_DAYS: int(1, 3_650).default(90),
  RETENTION_USAGE_DAYS: int(1, 3_650).default(400),

  ARCHIVE_LOG_MAX_BYTES: int(10_000, 1_000_000_000).default(20_971_520),
});

export type Env = z.output<typeof envSchema>;
