import type { CacheOperation, CacheSaving, CacheSavings, Log } from '@app/domain';
import type { Backend, CacheCounters } from '../cache-counters.js';
import { ownedCopy, type OwnedValue } from '../codec/copy-value.js';
import { decodeEntry, encodeEntry, factsOf, isOfGeneration, UnreadableEntry } from '../codec/envelope.js';
import { NotCacheable } from '../codec/not-cacheable.js';
import type { CacheNames, NamePattern } from '../policies/cache-names.js';
import type { CachePolicies, CachePolicy } from '../policies/cache-policies.js';
import type { EntryWrite } from '../redis/shared-store.js';
import type { MemoryTier } from './memory-tier.js';
import { Readings, type Reading } from './readings.js';
import type { RemoteTier } from './remote-tier.js';

/** Past this part of its lifetime an entry is renewed ahead. */
const RENEW_PAST = 0.8;

/** An entry that was found; its value is the caller's own. */
export interface Found {
  readonly value: unknown;
  readonly fresh: boolean;
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  /** Fresh, but late in its lifetime, and of a kind that may change. */
  readonly ageing: boolean;
  readonly saving: Required<CacheSaving>;
}

/** What an entry is kept with. */
export interface EntryTimes {
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  readonly lifetimeMs: number;
  readonly saving: Required<CacheSaving>;
}

export interface TierParts {
  /** Null when the backend is Redis alone. */
  readonly memory: MemoryTier | null;
  /** Null when the backend is memory alone. */
  readonly remote: RemoteTier | null;
  readonly names: CacheNames;
  readonly policies: CachePolicies;
  readonly counters: CacheCounters;
  /** Where hits are told what they saved. */
  readonly savings: CacheSavings | null;
  readonly log: Log;
  /** Entries that are longer when encoded are not stored. */
  readonly maxValueBytes: number;
  /** Longest life of an entry in memory when Redis holds it too. */
  readonly memoryTtlMs: number;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Entries in the tiers that their policies name: reading from each, filling the memory tier, and forgetting what was
 * invalidated. What began to be read before an invalidation is never kept.
 */
export class EntryTiers {
  readonly readings = new Readings();

  constructor(private readonly parts: TierParts) {}

  memoryFor(policy: CachePolicy): MemoryTier | null {
    return policy.tier === 'redis' && this.parts.remote !== null ? null : this.parts.memory;
  }

  remoteFor(policy: CachePolicy): RemoteTier | null {
    return policy.tier === 'memory' && this.parts.memory !== null ? null : this.parts.remote;
  }

  fromMemory(policy: CachePolicy, name: string): Found | undefined {
    const startedAt = performance.now();
    const memory = this.memoryFor(policy);
    const entry = memory?.get(name);
    if (entry === undefined) return undefined;
    const { fresh, freshUntil, ageing } = this.ageOf(policy, entry);
    const found = { value: memory!.valueOf(entry), saving: entry.saving, fresh, freshUntil, ageing };
    this.parts.counters.took('memory', 'get', performance.now() - startedAt);
    return found;
  }

  /** Counts a hit, and what it saved. */
  hit(policy: CachePolicy, backend: Backend, { saving }: Found): void {
    this.parts.counters.hit(policy.namespace, backend);
    this.parts.savings?.record(policy.namespace, saving);
  }

  async fromRemote(operation: CacheOperation, name: string, reading: Reading): Promise<Found | undefined> {
    const remote = this.remoteFor(this.parts.policies[operation]);
    if (!remote?.usable(name, 'get')) return undefined;
    const since = performance.now();
    return this.accept(operation, name, await remote.read(name), reading, since);
  }

  /**
   * What bytes of the remote tier hold: undefined for a miss, which an entry is that can't be read; it is deleted.
   * Answers at once unless reading the entry takes long: a batch of a hundred would wait for as many promises.
   * @param since when they began to be read
   */
  accept(
    operation: CacheOperation,
    name: string,
    bytes: Buffer | undefined,
    reading: Pick<Reading, 'obsolete'>,
    since: number,
  ): Found | undefined | Promise<Found | undefined> {
    if (bytes === undefined) return undefined;
    const policy = this.parts.policies[operation];
    const remote = this.remoteFor(policy)!;
    try {
      const facts = factsOf(bytes);
      if (facts === null) return undefined;
      if (!isOfGeneration(bytes, remote.generationOf(policy.namespace, policy.content))) {
        remote.suspectGenerations();
        return undefined;
      }
      const decoded = decodeEntry(name, bytes);
      if (!(decoded instanceof Promise)) return this.accepted(policy, name, decoded, facts, reading, since);
      return decoded
        .then((value) => this.accepted(policy, name, value, facts, reading, since))
        .catch((error: unknown) => this.unreadable(name, error));
    } catch (error) {
      return this.unreadable(name, error);
    }
  }

  /** Puts a value into the memory tier, if the policy has one. */
  remember(
    policy: CachePolicy,
    name: string,
    { value, bytes }: OwnedValue,
    times: EntryTimes & { readonly since: number },
  ): void {
    const shared = this.remoteFor(policy) !== null;
    const keptUntil = shared
      ? Math.min(times.freshUntil, this.parts.now() + this.parts.memoryTtlMs)
      : times.freshUntil + policy.graceMs;
    const { freshUntil, lifetimeMs, since, saving } = times;
    this.memoryFor(policy)?.set(name, { value, bytes, freshUntil, lifetimeMs, keptUntil, since, saving });
  }

  /** A copy of a value for the cache to hold; null, said and counted, when it can't be cached. */
  own(policy: CachePolicy, name: string, value: unknown): OwnedValue | null {
    try {
      const owned = ownedCopy(value);
      if (this.remoteFor(policy) !== null || owned.bytes <= this.parts.maxValueBytes) return owned;
      this.tooLarge(policy, name, owned.bytes);
    } catch (error) {
      if (!(error instanceof NotCacheable)) throw error;
      this.parts.counters.refused(policy.namespace, 'not_cacheable');
      this.parts.log.warn({ cacheKey: name, error: error.message }, 'cache_value_refused');
    }
    return null;
  }

  /** The bytes for the remote tier; null, said and counted, when they are too many. */
  async encode(
    policy: CachePolicy,
    name: string,
    value: unknown,
    generation: string,
    times: EntryTimes,
  ): Promise<EntryWrite | null> {
    const bytes = await encodeEntry(name, value, { ...times, generation }, policy.compress);
    if (bytes.length <= this.parts.maxValueBytes)
      return { name, bytes, ttlMs: times.lifetimeMs + policy.graceMs };
    this.tooLarge(policy, name, bytes.length);
    return null;
  }

  /** Drops one name from this process, and what is being read of it. */
  forget(name: string): boolean {
    this.readings.invalidate(name);
    return this.parts.memory?.delete(name) ?? false;
  }

  /** How many were in memory. */
  forgetMatching(pattern: Pick<NamePattern, 'matches'>): number {
    const matches = (name: string): boolean => pattern.matches(name);
    this.readings.invalidateMatching(matches);
    return this.parts.memory?.deleteMatching(matches) ?? 0;
  }

  forgetAll(): void {
    this.readings.invalidateMatching(() => true);
    this.parts.memory?.clear();
  }

  private accepted(
    policy: CachePolicy,
    name: string,
    value: unknown,
    facts: EntryTimes,
    reading: Pick<Reading, 'obsolete'>,
    since: number,
  ): Found {
    const { fresh, freshUntil, ageing } = this.ageOf(policy, facts);
    if (fresh && !reading.obsolete && this.memoryFor(policy) !== null)
      this.remember(policy, name, ownedCopy(value), { ...facts, since });
    return { value, saving: facts.saving, fresh, freshUntil, ageing };
  }

  private async unreadable(name: string, error: unknown): Promise<undefined> {
    if (!(error instanceof UnreadableEntry)) throw error;
    this.parts.counters.error('decode');
    this.parts.log.debug({ cacheKey: name, error: error.message }, 'cache_entry_unreadable');
    await this.parts.remote!.discard(name);
  }

  private ageOf(
    policy: CachePolicy,
    { freshUntil, lifetimeMs }: Omit<EntryTimes, 'saving'>,
  ): Pick<Found, 'fresh' | 'freshUntil' | 'ageing'> {
    const now = this.parts.now();
    const fresh = freshUntil > now;
    const ageing = fresh && !policy.content && now > freshUntil - lifetimeMs * (1 - RENEW_PAST);
    return { fresh, freshUntil, ageing };
  }

  private tooLarge(policy: CachePolicy, name: string, bytes: number): void {
    this.parts.counters.refused(policy.namespace, 'too_large');
    this.parts.log.debug({ cacheKey: name, bytes }, 'cache_value_too_large');
  }
}
