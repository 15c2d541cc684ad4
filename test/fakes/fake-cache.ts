import {
  InvalidInput,
  SCOPED_OPERATIONS,
  type Cache,
  type CacheCountOptions,
  type CacheFigures,
  type CacheKey,
  type CacheLoad,
  type CacheOperation,
  type CacheStats,
  type CacheWriteOptions,
} from '@app/domain';

const DAY_MS = 86_400_000;
const scoped = new Set<CacheOperation>(SCOPED_OPERATIONS);

interface Load {
  readonly value: Promise<unknown>;
  obsolete: boolean;
}

/** Values in a map, copied on the way in and out, on a clock that a test may move. Held to the cache contract. */
export class FakeCache implements Cache {
  /** While true every call is a miss or a no-op, as with a cache in trouble. */
  away = false;
  private readonly entries = new Map<string, { value: unknown; endsAt: number }>();
  private readonly loads = new Map<string, Load>();
  private readonly saves = new Map<string, () => Promise<unknown>>();
  private readonly counts = { hits: 0, misses: 0, sets: 0, deletes: 0, errors: 0 };

  constructor(private readonly now: () => number = Date.now) {}

  /** Ids that live under an operation, for assertions. */
  ids(operation: CacheOperation): readonly string[] {
    return [...this.entries.keys()]
      .filter((name) => name.startsWith(`${operation}:`))
      .map((name) => name.slice(operation.length + 1));
  }

  async get<T>(key: CacheKey): Promise<T | undefined> {
    const value = this.read(key);
    if (value === undefined) this.counts.misses += 1;
    else this.counts.hits += 1;
    return value as T | undefined;
  }

  async set<T>(key: CacheKey, value: T, options?: CacheWriteOptions<T>): Promise<void> {
    if (this.away || value === undefined) return;
    const ttlMs = typeof options?.ttlMs === 'function' ? options.ttlMs(value) : options?.ttlMs;
    const endsAt = this.now() + (ttlMs ?? DAY_MS);
    this.entries.delete(nameOf(key));
    if (!isCacheable(value)) return;
    this.entries.set(nameOf(key), { value: structuredClone(value), endsAt });
    this.counts.sets += 1;
  }

  async delete(key: CacheKey): Promise<boolean> {
    this.invalidate((name) => name === nameOf(key));
    if (this.away || this.read(key) === undefined) return false;
    this.counts.deletes += 1;
    return this.entries.delete(nameOf(key));
  }

  async has(key: CacheKey): Promise<boolean> {
    return this.read(key) !== undefined;
  }

  getMany<T>(keys: readonly CacheKey[]): Promise<(T | undefined)[]> {
    return Promise.all(keys.map((key) => this.get<T>(key)));
  }

  async setMany<T>(
    entries: readonly { key: CacheKey; value: T }[],
    options?: CacheWriteOptions<T>,
  ): Promise<void> {
    for (const { key, value } of entries) await this.set(key, value, options);
  }

  async getOrLoad<T>(
    key: CacheKey,
    load: () => Promise<T>,
    options?: CacheWriteOptions<T>,
  ): Promise<CacheLoad<T>> {
    const cached = await this.get<T>(key);
    if (cached !== undefined) return { value: cached, outcome: 'hit' };
    const running = this.loads.get(nameOf(key));
    if (running) return { value: ownCopy((await running.value) as T), outcome: 'miss' };
    const loading: Load = { value: load(), obsolete: false };
    this.loads.set(nameOf(key), loading);
    try {
      const value = (await loading.value) as T;
      if (!loading.obsolete) await this.set(key, value, options);
      return { value, outcome: 'miss' };
    } finally {
      if (this.loads.get(nameOf(key)) === loading) this.loads.delete(nameOf(key));
    }
  }

  async writeThrough<T>(
    key: CacheKey,
    value: T,
    write: () => Promise<unknown>,
    options?: CacheWriteOptions<T>,
  ): Promise<void> {
    try {
      await write();
    } catch (error) {
      await this.delete(key);
      throw error;
    }
    await this.set(key, value, options);
  }

  /** Saves on the next turn of the event loop, the newest value of a key once. */
  async writeBehind<T>(
    key: CacheKey,
    value: T,
    write: () => Promise<unknown>,
    options?: CacheWriteOptions<T>,
  ): Promise<void> {
    await this.set(key, value, options);
    const name = nameOf(key);
    if (!this.saves.has(name)) setImmediate(() => void this.save(key));
    this.saves.set(name, write);
  }

  async increment(key: CacheKey, by = 1, options?: CacheCountOptions): Promise<number | null> {
    if (!Number.isSafeInteger(by)) throw new InvalidInput('What is counted is a whole number.', { by });
    if (this.away) return null;
    const held = this.read(key);
    const counts = Number.isSafeInteger(held);
    const before = counts ? (held as number) : 0;
    if (!Number.isSafeInteger(before + by)) return before;
    const ttlMs = counts ? this.entries.get(nameOf(key))!.endsAt - this.now() : options?.ttlMs;
    this.invalidate((name) => name === nameOf(key));
    await this.set(key, before + by, ttlMs === undefined ? {} : { ttlMs });
    return before + by;
  }

  decrement(key: CacheKey, by = 1, options?: CacheCountOptions): Promise<number | null> {
    return this.increment(key, -by, options);
  }

  async deleteByPattern(operation: CacheOperation, glob: string): Promise<number> {
    const pattern = new RegExp(
      `^${glob
        .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      's',
    );
    this.invalidate(
      (name) => name.startsWith(`${operation}:`) && pattern.test(name.slice(operation.length + 1)),
    );
    if (this.away) return 0;
    const doomed = this.ids(operation).filter((id) => pattern.test(id));
    for (const id of doomed) this.entries.delete(`${operation}:${id}`);
    this.counts.deletes += doomed.length;
    return doomed.length;
  }

  async clear(): Promise<number> {
    this.invalidate(() => true);
    if (this.away) return 0;
    const count = this.entries.size;
    this.entries.clear();
    return count;
  }

  stats(): CacheStats {
    return { backend: 'memory', ...this.counts, redisConnected: false, namespaces: {} };
  }

  async figures(): Promise<CacheFigures> {
    const memory = {
      entries: this.entries.size,
      maxEntries: Infinity,
      bytes: 0,
      maxBytes: Infinity,
      defaultTtlMs: DAY_MS,
    };
    return { ...this.stats(), at: new Date(this.now()), redis: null, memory };
  }

  async ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    return this.away ? { ok: false, latencyMs: 0, detail: 'away' } : { ok: true, latencyMs: 0 };
  }

  private async save(key: CacheKey): Promise<void> {
    const write = this.saves.get(nameOf(key))!;
    this.saves.delete(nameOf(key));
    // The real one tries again; here the second failure is the last.
    await write()
      .catch(write)
      .catch(() => this.delete(key));
  }

  /** What is being loaded may be the state before the change: it is not stored. */
  private invalidate(matches: (name: string) => boolean): void {
    for (const [name, load] of this.loads)
      if (matches(name)) {
        load.obsolete = true;
        this.loads.delete(name);
      }
  }

  private read(key: CacheKey): unknown {
    const entry = this.entries.get(nameOf(key));
    if (this.away || !entry || entry.endsAt <= this.now()) return undefined;
    return structuredClone(entry.value);
  }
}

function ownCopy<T>(value: T): T {
  return isCacheable(value) ? structuredClone(value) : value;
}

function nameOf({ operation, scope, id }: CacheKey): string {
  if (!scoped.has(operation)) return `${operation}:${id}`;
  if (!scope) throw new Error(`A key of ${operation} must say whose its value is.`);
  return `${operation}:${scope}:${id}`;
}

/** Whether a value comes back from every cache as it was: no functions, no class instances. */
function isCacheable(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof Date || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return true;
  if (value instanceof Map) return [...value].every(isCacheable);
  if (value instanceof Set || Array.isArray(value)) return [...value].every(isCacheable);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isCacheable);
}
