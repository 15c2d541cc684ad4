import type { Cache, CacheOperation, CacheWriteOptions } from '@app/domain';

/** Where the decorated method's cache is found, and what its entries are called. */
export interface CachedOptions<Args extends readonly unknown[]> extends CacheWriteOptions {
  /** Gives the entry its namespace and, unless `ttlMs` says otherwise, its lifetime. */
  readonly operation: CacheOperation;
  /** The id of the entry, from the method's arguments; it must hold whatever the answer depends on. */
  readonly key: (...args: Args) => string;
}

/** An object whose methods can be `@Cached`. */
export interface CacheHolder {
  readonly cache: Cache;
}

type Method<Args extends readonly unknown[], T> = (this: CacheHolder, ...args: Args) => Promise<T>;

/**
 * Answers a method's calls from the cache: `@Cached({ operation: 'stats', key: (projectId) => projectId })`. The object
 * holds the cache in its property `cache`. A call with other arguments is another entry; errors are not kept.
 */
export function Cached<Args extends readonly unknown[]>(options: CachedOptions<Args>) {
  const { operation, key, ttlMs, saves } = options;
  return <T>(
    _target: CacheHolder,
    _name: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: Args) => Promise<T>>,
  ): void => {
    const method = descriptor.value as unknown as Method<Args, T>;
    const cached: Method<Args, T> = async function (...args) {
      const id = key(...args);
      const load = (): Promise<T> => method.call(this, ...args);
      return (await this.cache.getOrLoad({ operation, id }, load, { ttlMs, saves })).value;
    };
    descriptor.value = cached as unknown as (...args: Args) => Promise<T>;
  };
}
