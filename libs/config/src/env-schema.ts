import { z } from 'zod';

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'])
  .transform((text) => ['true', '1', 'yes', 'on'].includes(text));
const optionalText = z.string().trim().min(1).optional();
const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
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
  HTTP_BODY_LIMIT_BYTES: int(1_024, 1_000_000_000).default(1_048_576),
  MANUAL_LOG_LIMIT_BYTES: int(1_024, 1_000_000_000).default(52_428_800),

  DATABASE_URL: url(['postgres:', 'postgresql:']),
  DATABASE_POOL_SIZE: int(2, 500).default(10),

  REDIS_URL: url(['redis:', 'rediss:']),
  CACHE_REDIS_URL: url(['redis:', 'rediss:']),

  CACHE_ENABLED: flag.default(true),
  CACHE_PREFIX: z
    .string()
    .trim()
    .regex(/^[\w.-]+$/, 'may hold letters, digits, _ . and -')
    .default('devflowfix'),
  CACHE_MAX_SIZE: int(1, 10_000_000).default(10_000),
  CACHE_MAX_BYTES: int(1_024, 100_000_000_000).default(134_217_728),
  CACHE_MAX_VALUE_BYTES: int(1_024, 500_000_000).default(8_388_608),
  CACHE_OPERATION_DEADLINE_MS: int(1, 60_000).default(50),

  QUEUE_CONCURRENCY: int(1, 256).default(4),
  QUEUE_ATTEMPTS: int(1, 50).default(6),
  QUEUE_BACKOFF_MS: int(1, 600_000).default(1_000),
  OUTBOX_SWEEP_INTERVAL_MS: int(100, 3_600_000).default(5_000),
  OUTBOX_GRACE_MS: int(100, 3_600_000).default(10_000),
  CLAIM_LEASE_MS: int(1_000, 3_600_000).default(30_000),

  GITHUB_API_URL: url(['http:', 'https:']).default('https://api.github.com'),
  GITHUB_TOKEN: optionalText,
  GITHUB_WEBHOOK_SECRET: optionalText,
  GITHUB_WEBHOOK_SECRET_PREVIOUS: optionalText,
  GITHUB_LOG_MAX_BYTES: int(10_000, 2_000_000_000).default(104_857_600),
  GITHUB_TIMEOUT_MS: int(100, 600_000).default(30_000),
  WEBHOOK_MAX_BYTES: int(1_024, 100_000_000).default(26_214_400),

  LLM_PROVIDER: z.enum(LLM_PRESETS).optional(),
  LLM_BASE_URL: url(['http:', 'https:']),
  LLM_API_KEY: optionalText,
  LLM_MODEL: optionalText,
  LLM_TIMEOUT_MS: int(100, 600_000).default(60_000),
  LLM_MAX_ATTEMPTS: int(1, 10).default(3),
  LLM_PRICE_INPUT_USD_PER_MILLION: z.coerce.number().min(0).default(0),
  LLM_PRICE_OUTPUT_USD_PER_MILLION: z.coerce.number().min(0).default(0),

  ARCHIVE_LOG_MAX_BYTES: int(10_000, 1_000_000_000).default(20_971_520),
});

export type Env = z.output<typeof envSchema>;
