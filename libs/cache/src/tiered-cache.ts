import type {
  Cache,
  CacheCountOptions,
  CacheFigures,
  CacheKey,
  CacheLoad,
  CacheOperation,
  CacheStats,
  CacheWriteOptions,
} from '@app/domain';
import type { OwnedValue } from './codec/copy-value.js';
import { factsOf, isOfGeneration, UnreadableEntry } from './codec/envelope.js';
import { Counting } from './counting.js';
import { LoadThrough, type LoadParts } from './loads/load-through.js';
import type { CachePolicy } from './policies/cache-policies.js';
import type { EntryWrite } from './redis/shared-store.js';
import { lifetimeOf } from './policies/lifetime-of.js';
import { savingOf } from './saving-of.js';
import type { EntryTimes, Found, TierParts } from './tiers/entry-tiers.js';
import type { Reading } from './tiers/readings.js';
import type { WriteBehind } from './write-behind.js';

export interface CacheParts extends TierParts, LoadParts {
  readonly backend: CacheStats['backend'];
  readonly writeBehind: WriteBehind;
}

/** A value on its way into the tiers. */
interface Write {
  readonly key: CacheKey;
  readonly name: string;
  readonly policy: CachePolicy;
  readonly owned: OwnedValue;
  readonly times: EntryTimes;
  /** Obsolete when a newer write or an invalidation has overtaken this one. */
  readonly reading: Reading;
}

/**
 * The cache: a memory tier, a tier that processes share, or one before the other. Values are copies, so that a caller
 * who changes what it got changes nothing for others.
 */
export class TieredCache implements Cache {
  private readonly loads: LoadThrough;
  private readonly counting: Counting;

  constructor(private readonly parts: CacheParts) {
    this.loads = new LoadThrough(parts);
    this.counting = new Counting(parts);
  }

  async get<T>(key: CacheKey): Promise<T | undefined> {
    const policy = this.parts.policies[key.operation];
    const name = this.parts.names.nameOf(key);
    if (!policy.enabled) return undefined;
    const held = this.parts.tiers.fromMemory(policy, name);
    if (held?.fresh) {
      this.parts.tiers.hit(policy, 'memory', held);
      return held.value as T;
    }
    const reading = this.parts.tiers.readings.begin(name);
    try {
      const found = await this.parts.tiers.fromRemote(key.operation, name, reading);
      if (found?.fresh) {
        this.parts.tiers.hit(policy, 'redis', found);
        return found.value as T;
      }
      this.parts.counters.miss(policy.namespace);
      return undefined;
    } finally {
      this.parts.tiers.readings.end(reading);
    }
  }

  async set<T>(key: CacheKey, value: T, options?: CacheWriteOptions<T>): Promise<void> {
    await this.setMany([{ key, value }], options);
  }

  async delete(key: CacheKey): Promise<boolean> {
    const policy = this.parts.policies[key.operation];
    const name = this.parts.names.nameOf(key);
    const held = this.parts.tiers.forget(name);
    const stored = (await this.parts.tiers.remoteFor(policy)?.delete(name)) ?? false;
    // Again: what was read between may still have been the old value.
    this.parts.tiers.forget(name);
    const existed = held || stored;
    if (existed) this.parts.counters.deleted(policy.namespace, 1);
    return existed;
  }

  async has(key: CacheKey): Promise<boolean> {
    const policy = this.parts.policies[key.operation];
    const name = this.parts.names.nameOf(key);
    if (!policy.enabled) return false;
    const held = this.parts.tiers.memoryFor(policy)?.get(name);
    if (held !== undefined && held.freshUntil > this.parts.now()) return true;
    const remote = this.parts.tiers.remoteFor(policy);
    if (!remote?.usable(name, 'has')) return false;
    const bytes = await remote.read(name);
    try {
      const facts = bytes === undefined ? null : factsOf(bytes);
      const generation = remote.generationOf(policy.namespace, policy.content);
      return facts !== null && isOfGeneration(bytes!, generation) && facts.freshUntil > this.parts.now();
    } catch (error) {
      if (error instanceof UnreadableEntry) return false;
      throw error;
    }
  }

  async getMany<T>(keys: readonly CacheKey[]): Promise<(T | undefined)[]> {
    const { tiers, names, policies, counters } = this.parts;
    const values: (T | undefined)[] = Array.from({ length: keys.length });
    const missing: { readonly index: number; readonly name: string }[] = [];
    keys.forEach((key, index) => {
      const policy = policies[key.operation];
      if (!policy.enabled) return;
      const name = names.nameOf(key);
      const held = tiers.fromMemory(policy, name);
      if (held?.fresh) {
        tiers.hit(policy, 'memory', held);
        values[index] = held.value as T;
      } else if (tiers.remoteFor(policy)?.usable(name, 'get_many')) missing.push({ index, name });
      else counters.miss(policy.namespace);
    });
    if (missing.length === 0) return values;
    const take = (index: number, found: Found | undefined): void => {
      const policy = policies[keys[index]!.operation];
      if (!found?.fresh) return counters.miss(policy.namespace);
      tiers.hit(policy, 'redis', found);
      values[index] = found.value as T;
    };
    const batch = tiers.readings.beginBatch(missing.map(({ name }) => name));
    try {
      const since = performance.now();
      const stored = await this.parts.remote!.readMany(batch.names);
      const later: Promise<void>[] = [];
      missing.forEach(({ index, name }, at) => {
        const accepted = tiers.accept(keys[index]!.operation, name, stored[at], batch, since);
        // Inflating long values, which takes threads of their own, goes on while the others are read.
        if (accepted instanceof Promise) later.push(accepted.then((found) => take(index, found)));
        else take(index, accepted);
      });
      await Promise.all(later);
    } finally {
      tiers.readings.endBatch(batch);
    }
    return values;
  }

  async setMany<T>(
    entries: readonly { key: CacheKey; value: T }[],
    options?: CacheWriteOptions<T>,
  ): Promise<void> {
    const { tiers, counters } = this.parts;
    const refused: CacheKey[] = [];
    const writes: Write[] = [];
    for (const { key, value } of entries) {
      if (value === undefined || !this.parts.policies[key.operation].enabled) continue;
      const write = this.begin(key, value, options);
      if (write === null) refused.push(key);
      else writes.push(write);
    }
    try {
      const encoded = await Promise.all(writes.map((write) => this.encode(write)));
      refused.push(...writes.filter((_, index) => encoded[index] === 'refused').map(({ key }) => key));
      // What was overtaken meanwhile must not come after what overtook it.
      const current = encoded.filter(
        (each, index): each is EntryWrite => typeof each === 'object' && !writes[index]!.reading.obsolete,
      );
      if (current.length > 0) await this.parts.remote!.write(current);
      writes.forEach(({ policy, owned }, index) => {
        const bytes = encoded[index];
        if (bytes === 'refused') return;
        counters.set(policy.namespace, typeof bytes === 'object' ? bytes.bytes.length : owned.bytes);
      });
    } finally {
      for (const { reading } of writes) tiers.readings.end(reading);
    }
    // An older value under a key whose new value was refused is no longer true.
    await Promise.all(refused.map((key) => this.drop(key)));
  }

  getOrLoad<T>(key: CacheKey, load: () => Promise<T>, options?: CacheWriteOptions<T>): Promise<CacheLoad<T>> {
    return this.loads.run(key, load, options);
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

  async writeBehind<T>(
    key: CacheKey,
    value: T,
    write: () => Promise<unknown>,
    options?: CacheWriteOptions<T>,
  ): Promise<void> {
    await this.set(key, value, options);
    await this.parts.writeBehind.add(this.parts.names.nameOf(key), write, () => this.delete(key));
  }

  increment(key: CacheKey, by = 1, options?: CacheCountOptions): Promise<number | null> {
    return this.counting.add(key, by, options);
  }

  decrement(key: CacheKey, by = 1, options?: CacheCountOptions): Promise<number | null> {
    return this.counting.add(key, -by, options);
  }

  async deleteByPattern(operation: CacheOperation, glob: string): Promise<number> {
    const { tiers, names, counters, policies, remote } = this.parts;
    const pattern = names.matching(operation, glob);
    const held = tiers.forgetMatching(pattern);
    const stored = (await remote?.deleteMatching(pattern)) ?? 0;
    // Again: what was read between may still have been an old value.
    tiers.forgetMatching(pattern);
    // What was in memory was in Redis too, unless Redis is away or the policy keeps it from there.
    const deleted = Math.max(held, stored);
    counters.deleted(policies[operation].namespace, deleted);
    return deleted;
  }

  async clear(): Promise<number> {
    const { names, tiers, remote, counters } = this.parts;
    let deleted = 0;
    for (const pattern of names.all()) {
      const held = tiers.forgetMatching(pattern);
      const stored = (await remote?.deleteMatching(pattern)) ?? 0;
      tiers.forgetMatching(pattern);
      counters.deleted(names.namespaceOf(pattern.start).namespace, Math.max(held, stored));
      deleted += Math.max(held, stored);
    }
    return deleted;
  }

  stats(): CacheStats {
    return {
      backend: this.parts.backend,
      ...this.parts.counters.read(),
      redisConnected: this.parts.remote?.connected ?? false,
    };
  }

  async figures(): Promise<CacheFigures> {
    const { memory, remote, memoryTtlMs, policies } = this.parts;
    const redis = (await remote?.figures()) ?? null;
    // Alone the memory tier keeps an entry for the lifetime of its kind; that of answers is CACHE_TTL_SECONDS.
    const defaultTtlMs = remote === null ? policies['llm.chat'].ttlMs : memoryTtlMs;
    return {
      ...this.stats(),
      at: new Date(this.parts.now()),
      redis,
      memory: memory === null ? null : { ...memory.figures, defaultTtlMs },
    };
  }

  ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    return this.parts.remote?.ping() ?? Promise.resolve({ ok: true, latencyMs: 0 });
  }

  /** Puts the value into memory, where this process sees it at once; null when it is refused. */
  private begin<T>(key: CacheKey, value: T, options: CacheWriteOptions<T> | undefined): Write | null {
    const { tiers, names, policies } = this.parts;
    const policy = policies[key.operation];
    const name = names.nameOf(key);
    tiers.forget(name);
    const owned = tiers.own(policy, name, value);
    if (owned === null) return null;
    const lifetimeMs = lifetimeOf(value, options, policy);
    const saving = savingOf(value, options);
    const times = { freshUntil: this.parts.now() + lifetimeMs, lifetimeMs, saving };
    tiers.remember(policy, name, owned, { ...times, since: performance.now() });
    return { key, name, policy, owned, times, reading: tiers.readings.begin(name) };
  }

  private async encode({ name, policy, owned, times }: Write): Promise<EntryWrite | 'refused' | 'local'> {
    const { tiers } = this.parts;
    const remote = tiers.remoteFor(policy);
    if (remote === null) return 'local';
    // Before Redis was ever reached there is no generation; the write is remembered as one that failed.
    const generation = remote.generationOf(policy.namespace, policy.content) ?? '';
    return (await tiers.encode(policy, name, owned.value, generation, times)) ?? 'refused';
  }

  private async drop(key: CacheKey): Promise<void> {
    const name = this.parts.names.nameOf(key);
    this.parts.tiers.forget(name);
    await this.parts.tiers.remoteFor(this.parts.policies[key.operation])?.delete(name);
    this.parts.tiers.forget(name);
  }
}
