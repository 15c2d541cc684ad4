import type { CacheFigures, CacheStats } from './cache-figures.js';
import type { CacheSaving } from './cache-savings.js';

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

/** Those whose values not everybody may be given: their keys say for whom. */
export const SCOPED_OPERATIONS = [
  'llm.solution',
  'llm.validate',
  'llm.chat',
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
  'facets',
  'search',
  'analytics',
  'stats',
] as const satisfies readonly CacheOperation[];
export type ScopedOperation = (typeof SCOPED_OPERATIONS)[number];
export type SharedOperation = Exclude<CacheOperation, ScopedOperation>;

/** `{prefix}:{namespace}:{id}`; the operation gives the namespace and the lifetime. */
export interface SharedCacheKey {
  readonly operation: SharedOperation;
  readonly scope?: undefined;
  /** Colon-separated parts, already free of anything secret. */
  readonly id: string;
}

/** `{prefix}:{namespace}:{scope}:{id}`: an entry of one scope can't be read under another. */
export interface ScopedCacheKey {
  readonly operation: ScopedOperation;
  /** Whom the value may be given to: a project's id, `{owner}:{repo}`, a session's id, what a caller may see. Never empty. */
  readonly scope: string;
  /** Colon-separated parts, already free of anything secret. */
  readonly id: string;
}

export type CacheKey = SharedCacheKey | ScopedCacheKey;

export interface CacheWriteOptions<T = unknown> {
  /** Overrides the policy's lifetime, for all values or by what the value is. */
  readonly ttlMs?: number | ((value: T) => number | undefined);
  /**
   * What it cost to get the value: kept with the entry, and counted as saved at each hit. A loaded value's own measure
   * is the loader's time and one call; what is said here takes precedence, figure by figure.
   */
  readonly saves?: CacheSaving | ((value: T) => CacheSaving);
}

/** The lifetime of a number that isn't there yet. */
export interface CacheCountOptions {
  readonly ttlMs?: number;
}

export interface CacheLoad<T> {
  readonly value: T;
  readonly outcome: 'hit' | 'miss' | 'stale' | 'bypass';
}

/**
 * The one cache port. A cache in trouble is a miss or a no-op, never an error of the caller's. `undefined` is not
 * cacheable and means a miss; null, 0, '' and false are values.
 */
export abstract class Cache {
  abstract get<T>(key: CacheKey): Promise<T | undefined>;
  abstract set<T>(key: CacheKey, value: T, options?: CacheWriteOptions<T>): Promise<void>;
  abstract delete(key: CacheKey): Promise<boolean>;
  abstract has(key: CacheKey): Promise<boolean>;
  /** In the order of the keys, `undefined` for misses. */
  abstract getMany<T>(keys: readonly CacheKey[]): Promise<(T | undefined)[]>;
  abstract setMany<T>(
    entries: readonly { key: CacheKey; value: T }[],
    options?: CacheWriteOptions<T>,
  ): Promise<void>;
  /**
   * Cache-aside: concurrent misses of one key run `load` once, in whatever process they are. A hit late in its
   * lifetime answers at once and may reload in the background, so `load` must not depend on its caller being there.
   */
  abstract getOrLoad<T>(
    key: CacheKey,
    load: () => Promise<T>,
    options?: CacheWriteOptions<T>,
  ): Promise<CacheLoad<T>>;
  /**
   * Saves by `write`, then caches the value. When `write` fails its error is handed on, and the key is dropped: nobody
   * knows which state was saved.
   */
  abstract writeThrough<T>(
    key: CacheKey,
    value: T,
    write: () => Promise<unknown>,
    options?: CacheWriteOptions<T>,
  ): Promise<void>;
  /**
   * Caches the value at once and saves it later by `write`, which is retried and runs once for the newest value of a
   * key. The buffer is bounded (a full one makes the caller save) and emptied at shutdown; a process that is killed
   * loses what it held, so it is for what may be lost: counts of views, last-seen times.
   */
  abstract writeBehind<T>(
    key: CacheKey,
    value: T,
    write: () => Promise<unknown>,
    options?: CacheWriteOptions<T>,
  ): Promise<void>;
  /**
   * Adds to a number, in one step for all processes, and answers the new total. One that isn't there, or is no whole
   * number, counts from 0. It lives for its policy's lifetime from the first addition on, however often it is added
   * to; `get` answers it like any other value, and it is deleted, invalidated and evicted like one: what must be exact
   * is counted elsewhere (`QuotaCounter`, `CostCounter`). Null when nobody can count, caching being switched off or the
   * shared store away: then the addition is lost, or was made without this process hearing of it.
   * @param by a whole number, 1 unless said otherwise
   * @throws InvalidInput for an amount that is no whole number
   */
  abstract increment(key: CacheKey, by?: number, options?: CacheCountOptions): Promise<number | null>;
  /** The same with the amount taken away. */
  abstract decrement(key: CacheKey, by?: number, options?: CacheCountOptions): Promise<number | null>;
  /**
   * Keys of one operation's namespace whose rest, `{id}` or `{scope}:{id}`, matches a glob (`*`, `?`). Returns how many
   * were deleted.
   */
  abstract deleteByPattern(operation: CacheOperation, glob: string): Promise<number>;
  /** Everything under the product's own prefix. Returns how many were deleted. */
  abstract clear(): Promise<number>;
  /** What this process did, at once. */
  abstract stats(): CacheStats;
  /** The same, with what the tiers say of themselves; asks Redis, for no longer than any other call. */
  abstract figures(): Promise<CacheFigures>;
  /** Whether the backing store answers, for readiness. */
  abstract ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }>;
}
