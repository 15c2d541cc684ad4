import { createCache as createCacheManager, type Cache as CacheManager } from 'cache-manager';
import {
  type Cache,
  type CacheKey,
  type CacheLoad,
  type CacheOperation,
  type CacheSaving,
  type CacheSavings,
  type CacheStats,
  type CacheWriteOptions,
  type Log,
} from '@app/domain';
import { Keyv } from 'keyv';
import type { CacheCounters } from './cache-counters.js';
import type { CacheNames, NamePattern } from './cache-names.js';
import type { CachePolicies } from './cache-policies.js';
import { decodeEntry, encodeEntry, freshUntilOf, savingOf, UnreadableEntry } from './codec/envelope.js';
import { NotCacheable } from './codec/not-cacheable.js';
import { SingleFlight, type Flight } from './single-flight.js';
import type { ByteStore } from './stores/byte-store.js';

interface Found {
  readonly value: unknown;
  readonly fresh: boolean;
  readonly saving: CacheSaving;
}

export interface CacheParts {
  readonly store: ByteStore;
  readonly names: CacheNames;
  readonly policies: CachePolicies;
  readonly counters: CacheCounters;
  readonly log: Log;
  /** Where hits are told what they saved. */
  readonly savings?: CacheSavings;
  /** Entries that are longer when encoded are not stored. */
  readonly maxValueBytes: number;
  readonly now?: () => number;
}

/**
 * The cache: one tier, memory or Redis, reached through cache-manager and Keyv. With Redis there is no memory
 * tier before it, so that no process serves what another has changed. Values are copies, except that concurrent
 * callers of `getOrLoad` share the one value that was read or loaded for them all.
 */
export class CacheManagerCache implements Cache {
  private readonly store: ByteStore;
  private readonly keyv: Keyv;
  private readonly manager: CacheManager;
  private readonly flights = new SingleFlight();
  private readonly now: () => number;

  constructor(private readonly parts: CacheParts) {
    this.store = parts.store;
    this.now = parts.now ?? Date.now;
    this.keyv = new Keyv({ store: parts.store, useKeyPrefix: false });
    // Entries are encoded here: Keyv hands the bytes on as they are.
    this.keyv.serialize = undefined;
    this.keyv.deserialize = undefined;
    this.manager = createCacheManager({ stores: [this.keyv] });
  }

  async get<T>(key: CacheKey): Promise<T | undefined> {
    const name = this.parts.names.nameOf(key);
    const found = await this.decode(name, await this.manager.get<Buffer>(name));
    return this.counted<T>(key, found);
  }

  async set<T>(key: CacheKey, value: T, options?: CacheWriteOptions<T>): Promise<void> {
    await this.setMany([{ key, value }], options);
  }

  async delete(key: CacheKey): Promise<boolean> {
    const name = this.parts.names.nameOf(key);
    this.flights.invalidate((running) => running === name);
    const existed = await this.keyv.delete(name);
    if (existed) this.parts.counters.deleted(1);
    return existed;
  }

  async has(key: CacheKey): Promise<boolean> {
    const bytes = await this.manager.get<Buffer>(this.parts.names.nameOf(key));
    try {
      return bytes !== undefined && freshUntilOf(bytes) > this.now();
    } catch (error) {
      if (error instanceof UnreadableEntry) return false;
      throw error;
    }
  }

  async getMany<T>(keys: readonly CacheKey[]): Promise<(T | undefined)[]> {
    const names = keys.map((key) => this.parts.names.nameOf(key));
    const stored = await this.manager.mget<Buffer>(names);
    const found = await Promise.all(names.map((name, index) => this.decode(name, stored[index])));
    return keys.map((key, index) => this.counted<T>(key, found[index]));
  }

  async setMany<T>(
    entries: readonly { key: CacheKey; value: T }[],
    options?: CacheWriteOptions<T>,
  ): Promise<void> {
    const cacheable = entries.filter(({ value }) => value !== undefined);
    const encoded = await Promise.all(cacheable.map(({ key, value }) => this.encode(key, value, options)));
    const writes = encoded.filter((write) => write !== null);
    if (writes.length === 1) await this.manager.set(writes[0]!.key, writes[0]!.value, writes[0]!.ttl);
    else if (writes.length > 1) await this.manager.mset(writes);
    this.parts.counters.set(writes.length);
  }

  getOrLoad<T>(key: CacheKey, load: () => Promise<T>, options?: CacheWriteOptions<T>): Promise<CacheLoad<T>> {
    const name = this.parts.names.nameOf(key);
    return this.flights.run(name, (flight) => this.readOrLoad(key, load, flight, options));
  }

  async deleteByPattern(operation: CacheOperation, glob: string): Promise<number> {
    return this.deleteMatching([this.parts.names.matching(operation, glob)]);
  }

  async clear(): Promise<number> {
    return this.deleteMatching(this.parts.names.all());
  }

  stats(): CacheStats {
    return {
      backend: this.store.backend,
      ...this.parts.counters.read(),
      redisConnected: this.store.connected,
    };
  }

  ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    return this.store.health();
  }

  /** Ends the connection. A cache that is closed answers with misses. */
  close(): Promise<void> {
    return this.store.disconnect();
  }

  private async readOrLoad<T>(
    key: CacheKey,
    load: () => Promise<T>,
    flight: Flight,
    options?: CacheWriteOptions<T>,
  ): Promise<CacheLoad<T>> {
    const name = this.parts.names.nameOf(key);
    const found = await this.decode(name, await this.manager.get<Buffer>(name));
    const hit = this.counted<T>(key, found);
    if (hit !== undefined) return { value: hit, outcome: 'hit' };
    const startedAt = performance.now();
    let value: T;
    try {
      value = await load();
    } catch (error) {
      if (!found || flight.obsolete) throw error;
      this.parts.log.warn({ cacheKey: name, error: (error as Error).message }, 'cache_stale_served');
      return { value: found.value as T, outcome: 'stale' };
    }
    // What was invalidated while it was loaded may be the state before the change.
    if (!flight.obsolete) await this.set(key, value, loaded(options, value, performance.now() - startedAt));
    if (flight.obsolete) await this.keyv.delete(name);
    return { value, outcome: 'miss' };
  }

  private async deleteMatching(patterns: readonly NamePattern[]): Promise<number> {
    let deleted = 0;
    for (const pattern of patterns) {
      this.flights.invalidate((name) => pattern.matches(name));
      deleted += await this.store.deleteMatching(pattern);
    }
    this.parts.counters.deleted(deleted);
    return deleted;
  }

  /** Undefined for a miss; an entry that can't be read is one, and is deleted. */
  private async decode(name: string, entry: Buffer | undefined): Promise<Found | undefined> {
    if (entry === undefined) return undefined;
    try {
      const fresh = freshUntilOf(entry) > this.now();
      return { value: await decodeEntry(entry), fresh, saving: savingOf(entry) };
    } catch (error) {
      if (!(error instanceof UnreadableEntry)) throw error;
      this.parts.counters.error('decode');
      this.parts.log.debug({ cacheKey: name, error: error.message }, 'cache_entry_unreadable');
      await this.keyv.delete(name);
      return undefined;
    }
  }

  private counted<T>(key: CacheKey, found: Found | undefined): T | undefined {
    const { namespace } = this.parts.policies[key.operation];
    if (!found?.fresh) {
      this.parts.counters.miss(namespace);
      return undefined;
    }
    this.parts.counters.hit(namespace);
    this.parts.savings?.record(namespace, found.saving);
    return found.value as T;
  }

  /** Null when the value is refused; then an older value under its key is dropped, since it is no longer true. */
  private async encode<T>(
    key: CacheKey,
    value: T,
    options?: CacheWriteOptions<T>,
  ): Promise<{ key: string; value: Buffer; ttl: number } | null> {
    const name = this.parts.names.nameOf(key);
    const { ttlMs: usualMs, graceMs, compress, namespace } = this.parts.policies[key.operation];
    const ttlMs = options?.ttlMs ?? usualMs;
    try {
      const entry = await encodeEntry(value, this.now() + ttlMs, compress, savingFor(value, options));
      if (entry.length <= this.parts.maxValueBytes)
        // Redis takes whole milliseconds, at least one.
        return { key: name, value: entry, ttl: Math.max(1, Math.ceil(ttlMs + graceMs)) };
      this.parts.counters.refused(namespace, 'too_large');
      this.parts.log.debug({ cacheKey: name, bytes: entry.length }, 'cache_value_too_large');
    } catch (error) {
      if (!(error instanceof NotCacheable)) throw error;
      this.parts.counters.refused(namespace, 'not_cacheable');
      this.parts.log.warn({ cacheKey: name, error: error.message }, 'cache_value_refused');
    }
    await this.keyv.delete(name);
    return null;
  }
}

/** The options of a value that was just loaded: it saves at least its loader's time and one call. */
function loaded<T>(
  options: CacheWriteOptions<T> | undefined,
  value: T,
  latencyMs: number,
): CacheWriteOptions<T> {
  return { ...options, saves: { latencyMs, calls: 1, ...savingFor(value, options) } };
}

function savingFor<T>(value: T, options: CacheWriteOptions<T> | undefined): CacheSaving {
  const { saves = {} } = options ?? {};
  return typeof saves === 'function' ? saves(value) : saves;
}
