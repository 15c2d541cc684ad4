/** The kinds of entry; each has one policy (namespace, lifetime, tier) in libs/cache. */
export const CACHE_OPERATIONS = [
  'llm.classify',
  'llm.root_cause',
  'llm.solution',
  'llm.validate',
  'llm.chat',
  'llm.embedding',
  'vector.search',
  'vector.resolved',
  'vector.recent',
  'github.logs',
  'github.repo',
  'github.runs',
  'github.jobs',
  'github.annotations',
  'github.file',
  'github.diff',
  'github.pulls',
  'github.baseline',
  'session',
  'project',
  'provider',
  'facets',
  'search',
  'analytics',
  'stats',
  'agents',
  'agents.list',
  'channels',
  'workflows',
  'messages.count',
] as const;
export type CacheOperation = (typeof CACHE_OPERATIONS)[number];

/** `{prefix}:{namespace}:{id}`; the operation gives the namespace and the lifetime. */
export interface CacheKey {
  readonly operation: CacheOperation;
  /** Colon-separated parts, already free of anything secret. */
  readonly id: string;
}

export interface CacheWriteOptions {
  /** Overrides the policy's lifetime. */
  readonly ttlMs?: number;
}

export interface CacheLoad<T> {
  readonly value: T;
  readonly outcome: 'hit' | 'miss' | 'stale' | 'bypass';
}

export interface CacheStats {
  readonly backend: 'memory' | 'redis' | 'two_tier';
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
  readonly errors: number;
  readonly redisConnected: boolean;
}

/**
 * The one cache port. A cache in trouble is a miss or a no-op, never an error of the caller's. `undefined` is not
 * cacheable and means a miss; null, 0, '' and false are values.
 */
export abstract class Cache {
  abstract get<T>(key: CacheKey): Promise<T | undefined>;
  abstract set<T>(key: CacheKey, value: T, options?: CacheWriteOptions): Promise<void>;
  abstract delete(key: CacheKey): Promise<boolean>;
  abstract has(key: CacheKey): Promise<boolean>;
  /** In the order of the keys, `undefined` for misses. */
  abstract getMany<T>(keys: readonly CacheKey[]): Promise<(T | undefined)[]>;
  abstract setMany<T>(
    entries: readonly { key: CacheKey; value: T }[],
    options?: CacheWriteOptions,
  ): Promise<void>;
  /** Cache-aside with single-flight: concurrent misses of one key run `load` once in this process. */
  abstract getOrLoad<T>(
    key: CacheKey,
    load: () => Promise<T>,
    options?: CacheWriteOptions,
  ): Promise<CacheLoad<T>>;
  /** Keys of one operation's namespace that match a glob (`*`, `?`). Returns how many were deleted. */
  abstract deleteByPattern(operation: CacheOperation, glob: string): Promise<number>;
  /** Everything under the product's own prefix. Returns how many were deleted. */
  abstract clear(): Promise<number>;
  abstract stats(): CacheStats;
  /** Whether the backing store answers, for readiness. */
  abstract ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }>;
}
