import type { Cache, CacheFigures, CacheLoad, CacheStats } from '@app/domain';

/** What serves when caching is switched off (`CACHE_ENABLED=false`): every read misses, nothing is kept. */
export class BypassCache implements Cache {
  async get(): Promise<undefined> {
    return undefined;
  }

  async set(): Promise<void> {}

  async delete(): Promise<boolean> {
    return false;
  }

  async has(): Promise<boolean> {
    return false;
  }

  async getMany<T>(keys: readonly unknown[]): Promise<(T | undefined)[]> {
    return keys.map(() => undefined);
  }

  async setMany(): Promise<void> {}

  async getOrLoad<T>(_key: unknown, load: () => Promise<T>): Promise<CacheLoad<T>> {
    return { value: await load(), outcome: 'bypass' };
  }

  async writeThrough(_key: unknown, _value: unknown, write: () => Promise<unknown>): Promise<void> {
    await write();
  }

  /** Saved at once: without a cache nobody would see the value before it is saved. */
  async writeBehind(_key: unknown, _value: unknown, write: () => Promise<unknown>): Promise<void> {
    await write();
  }

  async increment(): Promise<null> {
    return null;
  }

  async decrement(): Promise<null> {
    return null;
  }

  async deleteByPattern(): Promise<number> {
    return 0;
  }

  async clear(): Promise<number> {
    return 0;
  }

  stats(): CacheStats {
    return {
      backend: 'memory',
      hits: 0,
      misses: 0,
      sets: 0,
      deletes: 0,
      errors: 0,
      redisConnected: false,
      namespaces: {},
    };
  }

  async figures(): Promise<CacheFigures> {
    return { ...this.stats(), at: new Date(), redis: null, memory: null };
  }

  async ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    return { ok: true, latencyMs: 0, detail: 'caching is switched off' };
  }
}
