import { resolve } from 'node:path';
import { z } from 'zod';
import { cacheBackend, policyOverrides, type CachePolicyOverrides } from './cache-config.js';
import { embeddingConfig, type EmbeddingConfig } from './embedding-config.js';
import { envSchema, type Env } from './env-schema.js';
import { githubAppConfig, type GithubAppConfig } from './github-config.js';
import { InvalidConfiguration } from './invalid-configuration.js';
import { knowledgeConfig, type KnowledgeConfig } from './knowledge-config.js';
import { llmConfig, type LlmConfig } from './llm-config.js';
import { processEnvironment } from './process-environment.js';
import { redisEndpoints, type RedisEndpoint } from './redis-endpoint.js';
import { retentionConfig, type RetentionConfig } from './retention-config.js';
import { secretsConfig, type SecretsConfig } from './secrets-config.js';
import { remediationConfig, type RemediationConfig } from './remediation-config.js';
import { similarityConfig, type SimilarityConfig } from './similarity-config.js';

/** The one typed, validated, frozen configuration. `null` stands for “the embedded stand-in serves”. */
export interface Config {
  readonly nodeEnv: Env['NODE_ENV'];
  /** Absolute path of what the embedded parts keep on disk. */
  readonly dataDir: string;
  readonly log: { readonly level: Env['LOG_LEVEL'] };
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** At which browsers and GitHub reach the product, without a slash at its end; null: not known. */
    readonly publicUrl: string | null;
    readonly bodyLimitBytes: number;
    readonly manualLogLimitBytes: number;
    readonly webhookMaxBytes: number;
  };
  readonly database: { readonly url: string | null; readonly poolSize: number };
  readonly secrets: SecretsConfig;
  /** Queues, locks and limits; not evictable. */
  readonly redisUrl: string | null;
  /** The same server in its parts. */
  readonly redis: RedisEndpoint | null;
  readonly cache: {
    readonly enabled: boolean;
    readonly prefix: string;
    readonly backend: 'memory' | 'redis' | 'two_tier';
    /** Null: memory only, or a cluster or sentinels, which no single URL names. */
    readonly redisUrl: string | null;
    /** Null: memory only. */
    readonly redis: RedisEndpoint | null;
    readonly maxEntries: number;
    readonly maxBytes: number;
    readonly maxValueBytes: number;
    /** Asked of the model when the cache is warmed on request. */
    readonly warmQuestions: readonly string[];
    readonly operationDeadlineMs: number;
    /** Longest life of an entry in the memory tier before Redis. */
    readonly memoryTtlMs: number;
    /** From CACHE_TTL_<OPERATION>_SECONDS and the like. */
    readonly policyOverrides: CachePolicyOverrides;
  };
  readonly rateLimit: {
    readonly enabled: boolean;
    /** Requests that pass in a window. */
    readonly requests: number;
    readonly windowMs: number;
    /** Addresses and ranges (`10.0.0.0/8`) that are never refused. */
    readonly exempt: readonly string[];
  };
  readonly queue: {
    readonly concurrency: number;
    readonly attempts: number;
    readonly backoffMs: number;
  };
  readonly outbox: { readonly sweepIntervalMs: number; readonly graceMs: number };
  readonly claimLeaseMs: number;
  readonly remediation: RemediationConfig;
  readonly github: {
    readonly apiUrl: string;
    readonly token: string | null;
    /** Goes before the token where it is installed. */
    readonly app: GithubAppConfig | null;
    /** Valid webhook secrets, the newest first; two during rotation. */
    readonly webhookSecrets: readonly string[];
    readonly logMaxBytes: number;
    readonly timeoutMs: number;
  };
  readonly deliveries: {
    /** How often runs are compared with what deliveries told; 0: never. */
    readonly reconcileIntervalMs: number;
    /** How often it is learned from what turned green. */
    readonly learnIntervalMs: number;
  };
  /** Null: the rule analyst answers. */
  readonly llm: LlmConfig | null;
  /** Null: the local embedder serves. */
  readonly embedding: EmbeddingConfig | null;
  readonly knowledge: KnowledgeConfig;
  readonly similarity: SimilarityConfig;
  readonly archiveLogMaxBytes: number;
  readonly retention: RetentionConfig;
}

/**
 * Builds the configuration from environment variables: the process's own and, behind them, those of `.env` in the
 * working directory.
 * @throws InvalidConfiguration naming every variable that is wrong
 */
export function loadConfig(
  variables: Readonly<Record<string, string | undefined>> = processEnvironment(),
): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) throw new InvalidConfiguration(parsed.error.issues.map(describeIssue));
  const env = parsed.data;
  const problems: string[] = [];
  const llm = llmConfig(env, problems);
  const embedding = embeddingConfig(env, problems);
  const app = githubAppConfig(env, problems);
  const similarity = similarityConfig(env, problems);
  const redis = redisEndpoints(env, problems);
  const secrets = secretsConfig(env, problems);
  const retention = retentionConfig(env, problems);
  const overrides = policyOverrides(given, env, problems);
  const backend = cacheBackend(env, redis.cache !== null, problems);
  if (problems.length > 0) throw new InvalidConfiguration(problems);

  return deepFreeze({
    nodeEnv: env.NODE_ENV,
    dataDir: resolve(env.DATA_DIR),
    log: { level: env.LOG_LEVEL },
    http: {
      // Without a database server this is somebody's own machine: loopback only.
      host: env.HOST ?? (env.DATABASE_URL ? '0.0.0.0' : '127.0.0.1'),
      port: env.PORT,
      publicUrl: env.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
      bodyLimitBytes: env.HTTP_BODY_LIMIT_BYTES,
      manualLogLimitBytes: env.MANUAL_LOG_LIMIT_BYTES,
      webhookMaxBytes: env.WEBHOOK_MAX_BYTES,
    },
    database: { url: env.DATABASE_URL ?? null, poolSize: env.DATABASE_POOL_SIZE },
    secrets,
    redisUrl: redis.url,
    redis: redis.main,
    cache: {
      enabled: env.CACHE_ENABLED ?? env.ENABLE_CACHE ?? true,
      prefix: env.CACHE_PREFIX,
      backend,
      redisUrl: redis.cacheUrl,
      redis: redis.cache,
      maxEntries: env.CACHE_MAX_SIZE,
      maxBytes: env.CACHE_MAX_BYTES,
      maxValueBytes: env.CACHE_MAX_VALUE_BYTES,
      operationDeadlineMs: env.CACHE_OPERATION_DEADLINE_MS,
      memoryTtlMs: env.CACHE_MEMORY_TTL_SECONDS * 1_000,
      warmQuestions: env.CACHE_WARM_QUESTIONS,
      policyOverrides: overrides,
    },
    rateLimit: {
      enabled: env.RATELIMIT_ENABLED,
      requests: env.RATELIMIT_REQUESTS,
      exempt: env.RATELIMIT_EXEMPT,
      windowMs: (env.CACHE_TTL_RATELIMIT ?? env.RATELIMIT_WINDOW) * 1_000,
    },
    queue: {
      concurrency: env.QUEUE_CONCURRENCY,
      attempts: env.QUEUE_ATTEMPTS,
      backoffMs: env.QUEUE_BACKOFF_MS,
    },
    outbox: { sweepIntervalMs: env.OUTBOX_SWEEP_INTERVAL_MS, graceMs: env.OUTBOX_GRACE_MS },
    claimLeaseMs: env.CLAIM_LEASE_MS,
    remediation: remediationConfig(env),
    github: {
      apiUrl: env.GITHUB_API_URL,
      token: env.GITHUB_TOKEN ?? null,
      app,
      webhookSecrets: [env.GITHUB_WEBHOOK_SECRET, env.GITHUB_WEBHOOK_SECRET_PREVIOUS].filter(
        (secret) => secret !== undefined,
      ),
      logMaxBytes: env.GITHUB_LOG_MAX_BYTES,
      timeoutMs: env.GITHUB_TIMEOUT_MS,
    },
    deliveries: {
      reconcileIntervalMs: env.RECONCILE_INTERVAL_MS,
      learnIntervalMs: env.LEARN_INTERVAL_MS,
    },
    llm,
    embedding,
    knowledge: knowledgeConfig(env),
    similarity,
    archiveLogMaxBytes: env.ARCHIVE_LOG_MAX_BYTES,
    retention,
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.') || 'environment'}: ${issue.message}. See .env.example for its meaning and default.`;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
