import { LRUCache } from 'lru-cache';
import type { CacheCounters } from '../cache-counters.js';
import type { NamePattern } from '../cache-names.js';
import type { ByteStore, StoredBytes, StoreHealth } from './byte-store.js';

/** What an entry costs besides its name and bytes (object, map slot), roughly. */
const ENTRY_OVERHEAD_BYTES = 200;

/** Entries of this process: least recently used ones go first when the count or the bytes reach their bound. */
export class MemoryStore implements ByteStore {
  readonly backend = 'memory';
  readonly connected = false;
  readonly opts = { dialect: 'memory' };
  private readonly entries: LRUCache<string, StoredBytes>;

  constructor(
    bounds: { readonly maxEntries: number; readonly maxBytes: number },
    counters: CacheCounters,
    now: () => number = Date.now,
  ) {
    this.entries = new LRUCache({
      max: bounds.maxEntries,
      maxSize: bounds.maxBytes,
      sizeCalculation: ({ value }, name) => value.length + 2 * name.length + ENTRY_OVERHEAD_BYTES,
      ttlResolution: 0,
      perf: { now },
      dispose: (_entry, _name, reason) => {
        if (reason === 'evict') counters.evicted();
      },
    });
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    return this.entries.get(key) as Value | undefined;
  }

  async getMany<Value>(keys: string[]): Promise<(Value | undefined)[]> {
    return keys.map((key) => this.entries.get(key) as Value | undefined);
  }

  async set(key: string, { value }: StoredBytes, ttl?: number): Promise<void> {
    this.entries.set(key, { value }, { ttl });
  }

  async setMany(entries: { key: string; value: StoredBytes; ttl?: number }[]): Promise<void> {
    for (const { key, value, ttl } of entries) await this.set(key, value, ttl);
  }

  async delete(key: string): Promise<boolean> {
    return this.entries.delete(key);
  }

  async deleteMatching(pattern: NamePattern): Promise<number> {
    const doomed = [...this.entries.keys()].filter((name) => pattern.matches(name));
    return doomed.filter((name) => this.entries.delete(name)).length;
  }

  async clear(): Promise<void> {
    this.entries.clear();
  }

  async health(): Promise<StoreHealth> {
    return { ok: true, latencyMs: 0 };
  }

  async disconnect(): Promise<void> {
    this.entries.clear();
  }

  /** A store in memory has no trouble to tell of. */
  on(): this {
    return this;
  }
}
