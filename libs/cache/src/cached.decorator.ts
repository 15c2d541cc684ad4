import type { Cache, CacheKey, CacheWriteOptions, ScopedOperation, SharedOperation } from '@app/domain';

/** Where the decorated method's cache is found, and what its entries are called. */
export type CachedOptions<Args extends readonly unknown[]> = CacheWriteOptions & {
  /** The id of the entry, from the method's arguments; it must hold whatever the answer depends on. */
  readonly key: (...args: Args) => string;
} & (
    | {
        /** Gives the entry its namespace and, unless `ttlMs` says otherwise, its lifetime. */
        readonly operation: SharedOperation;
      }
    | {
        readonly operation: ScopedOperation;
        /** Whom the answer may be given to, from the method's arguments. */
        readonly scope: (...args: Args) => string;
      }
  );

/** An object whose methods can be `@Cached`. */
export interface CacheHolder {
  readonly cache: Cache;
}

type Method<Args extends readonly unknown[], T> = (this: CacheHolder, ...args: Args) => Promise<T>;

/**
 * Answers a method's calls from the cache: `@Cached({ operation: 'agents', key: (id) => id })`. The object
 * holds the cache in its property `cache`. A call with other arguments is another entry; errors are not kept.
 */
export function Cached<Args extends readonly unknown[]>(options: CachedOptions<Args>) {
  const { ttlMs, saves } = options;
  return <T>(
    _target: CacheHolder,
    _name: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: Args) => Promise<T>>,
  ): void => {
    const method = descriptor.value as unknown as Method<Args, T>;
    const cached: Method<Args, T> = async function (...args) {
      const load = (): Promise<T> => method.call(this, ...args);
      return (await this.cache.getOrLoad(keyOf(options, args), load, { ttlMs, saves })).value;
    };
    descriptor.value = cached as unknown as (...args: Args) => Promise<T>;
  };
}

function keyOf<Args extends readonly unknown[]>(options: CachedOptions<Args>, args: Args): CacheKey {
  const id = options.key(...args);
  return 'scope' in options
    ? { operation: options.operation, scope: options.scope(...args), id }
    : { operation: options.operation, id };
}
