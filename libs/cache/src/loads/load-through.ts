import { setTimeout as pause } from 'node:timers/promises';
import type { CacheKey, CacheLoad, CacheWriteOptions, Log } from '@app/domain';
import type { CacheCounters } from '../cache-counters.js';
import { ownedCopy } from '../codec/copy-value.js';
import type { CacheNames } from '../policies/cache-names.js';
import type { CachePolicies, CachePolicy } from '../policies/cache-policies.js';
import { lifetimeOf } from '../policies/lifetime-of.js';
import { savingOf } from '../saving-of.js';
import type { EntryTiers, Found } from '../tiers/entry-tiers.js';
import type { Lease } from '../tiers/lease.js';
import type { Reading } from '../tiers/readings.js';
import { SingleFlight } from './single-flight.js';

/** How often a process looks whether another has loaded what it waits for: doubling from the first to the last. */
const LOOK_FIRST_MS = 4;
const LOOK_LAST_MS = 50;
/** After a renewal failed the next hit doesn't try again at once. */
const RENEW_AGAIN_AFTER_MS = 1_000;

export interface LoadParts {
  readonly tiers: EntryTiers;
  readonly names: CacheNames;
  readonly policies: CachePolicies;
  readonly counters: CacheCounters;
  readonly log: Log;
  /** How long one call may wait for the cache, loading not counted. */
  readonly withinMs: number;
  readonly now: () => number;
}

class Budget {
  private startedAt = performance.now();

  constructor(private readonly withinMs: number) {}

  get leftMs(): number {
    return this.withinMs - (performance.now() - this.startedAt);
  }

  restart(): void {
    this.startedAt = performance.now();
  }
}

/** One load, from asking the tiers to keeping what it brings. */
interface Load<T> {
  readonly key: CacheKey;
  readonly policy: CachePolicy;
  readonly name: string;
  readonly load: () => Promise<T>;
  readonly options: CacheWriteOptions<T> | undefined;
  readonly reading: Reading;
  /** How much of the call's time is left for the cache; anew after it has waited for another's load. */
  readonly budget: Budget;
}

/**
 * Cache-aside. Concurrent misses share one load: in the process by a single flight, among processes by a lease on the
 * key, which also is the proof that nothing invalidated the key since: whoever lost it stores nothing.
 */
export class LoadThrough {
  private readonly flights: SingleFlight;
  private readonly renewing = new Set<string>();

  constructor(private readonly parts: LoadParts) {
    this.flights = new SingleFlight(parts.tiers.readings);
  }

  async run<T>(key: CacheKey, load: () => Promise<T>, options?: CacheWriteOptions<T>): Promise<CacheLoad<T>> {
    const policy = this.parts.policies[key.operation];
    if (!policy.enabled) return { value: await load(), outcome: 'bypass' };
    const name = this.parts.names.nameOf(key);
    const held = this.parts.tiers.fromMemory(policy, name);
    const renew = (found: Found): void => this.renewAhead(key, load, options, found);
    if (held?.fresh) {
      this.parts.tiers.hit(policy, 'memory', held);
      if (held.ageing) renew(held);
      return { value: held.value as T, outcome: 'hit' };
    }
    const { outcome, joined } = this.flights.run(name, (reading) => {
      const budget = new Budget(this.parts.withinMs);
      return this.readOrLoad({ key, policy, name, load, options, reading, budget }, held, renew);
    });
    const loaded = await outcome;
    return joined ? { ...loaded, value: ofTheirOwn(loaded.value) } : loaded;
  }

  private async readOrLoad<T>(
    load: Load<T>,
    held: Found | undefined,
    renew: (found: Found) => void,
  ): Promise<CacheLoad<T>> {
    const { key, policy, name, reading } = load;
    const found = (await this.parts.tiers.fromRemote(key.operation, name, reading)) ?? held;
    if (found?.fresh) {
      this.parts.tiers.hit(policy, 'redis', found);
      if (found.ageing) renew(found);
      return { value: found.value as T, outcome: 'hit' };
    }
    const claimed = await this.claim(load, this.parts.now(), true);
    if (claimed !== null && 'value' in claimed) {
      this.parts.tiers.hit(policy, 'redis', claimed);
      return { value: claimed.value as T, outcome: 'hit' };
    }
    this.parts.counters.miss(policy.namespace);
    try {
      return { value: await this.loadAndKeep(load, claimed, load.budget.leftMs), outcome: 'miss' };
    } catch (error) {
      if (found === undefined || reading.obsolete) throw error;
      this.parts.log.warn({ cacheKey: name, error: (error as Error).message }, 'cache_stale_served');
      return { value: found.value as T, outcome: 'stale' };
    }
  }

  /** The lease to load, or what another process has loaded meanwhile; null when nobody can be asked, or waited for. */
  private async claim<T>(load: Load<T>, freshAfter: number, waits: boolean): Promise<Lease | Found | null> {
    const { key, policy, name, reading } = load;
    const remote = this.parts.tiers.remoteFor(policy);
    let lookMs = LOOK_FIRST_MS;
    for (;;) {
      const since = performance.now();
      const generation = remote?.generationOf(policy.namespace, policy.content) ?? null;
      if (remote === null || generation === null) return null;
      const claimed = await remote.claim(name, generation, freshAfter, load.budget.leftMs);
      if (claimed.kind === 'granted') return claimed.lease;
      if (claimed.kind === 'none') return null;
      if (claimed.kind === 'value') {
        const found = await this.parts.tiers.accept(key.operation, name, claimed.bytes, reading, since);
        if (found !== undefined || !waits) return found ?? null;
      }
      if (!waits) return null;
      await pause(claimed.kind === 'busy' ? Math.min(lookMs, claimed.leftMs) : lookMs);
      lookMs = Math.min(lookMs * 2, LOOK_LAST_MS);
      load.budget.restart();
    }
  }

  private async loadAndKeep<T>(load: Load<T>, lease: Lease | null, withinMs: number): Promise<T> {
    const since = performance.now();
    let value: T;
    try {
      value = await load.load();
    } catch (error) {
      lease?.release();
      throw error;
    }
    await this.keep(load, value, lease, { since, withinMs, loadMs: performance.now() - since });
    return value;
  }

  private async keep<T>(
    { policy, name, options, reading }: Load<T>,
    value: T,
    lease: Lease | null,
    { since, withinMs, loadMs }: { since: number; withinMs: number; loadMs: number },
  ): Promise<void> {
    const { tiers, counters } = this.parts;
    const owned = value === undefined ? null : tiers.own(policy, name, value);
    if (owned === null) return lease?.release();
    const lifetimeMs = lifetimeOf(value, options, policy);
    const saving = savingOf(value, options, loadMs);
    const times = { freshUntil: this.parts.now() + lifetimeMs, lifetimeMs, saving };
    let bytes = owned.bytes;
    if (lease !== null) {
      const remote = tiers.remoteFor(policy)!;
      const write = await tiers.encode(policy, name, owned.value, lease.generation, times);
      if (write === null) return lease.release();
      bytes = write.bytes.length;
      // What was invalidated while it was loaded may be the state before the change: then the lease is gone, whether
      // this process has heard of it or not. (That it has may also mean no more than that it lost the bus.)
      const settled = await remote.settle(lease, write, withinMs);
      if (settled === 'lost') return;
      // Nobody should wait for what is already done.
      if (settled === 'away') lease.release();
    }
    if (reading.obsolete) return;
    tiers.remember(policy, name, owned, { ...times, since });
    counters.set(policy.namespace, bytes);
  }

  /** Loads again in the background what will soon be too old; whoever asks meanwhile gets the value there is. */
  private renewAhead<T>(
    key: CacheKey,
    load: () => Promise<T>,
    options: CacheWriteOptions<T> | undefined,
    found: Found,
  ): void {
    const name = this.parts.names.nameOf(key);
    if (this.renewing.has(name)) return;
    this.renewing.add(name);
    const done = (): void => void this.renewing.delete(name);
    this.renew(key, name, load, options, found).then(done, (error: Error) => {
      this.parts.log.debug({ cacheKey: name, error: error.message }, 'cache_renewal_failed');
      setTimeout(done, RENEW_AGAIN_AFTER_MS).unref();
    });
  }

  private async renew<T>(
    key: CacheKey,
    name: string,
    load: () => Promise<T>,
    options: CacheWriteOptions<T> | undefined,
    found: Found,
  ): Promise<void> {
    const policy = this.parts.policies[key.operation];
    const { tiers, withinMs } = this.parts;
    const reading = tiers.readings.begin(name);
    const renewal: Load<T> = { key, policy, name, load, options, reading, budget: new Budget(withinMs) };
    try {
      const shared = tiers.remoteFor(policy) !== null;
      const claimed = await this.claim(renewal, found.freshUntil, false);
      // Another process does it, or nobody can be asked.
      if (shared && (claimed === null || 'value' in claimed)) return;
      await this.loadAndKeep(renewal, claimed as Lease | null, withinMs);
    } finally {
      tiers.readings.end(reading);
    }
  }
}

/** A copy for a caller who shares the load with others. What can't be copied wasn't cached either, and is shared. */
function ofTheirOwn<T>(value: T): T {
  try {
    return ownedCopy(value).value as T;
  } catch {
    return value;
  }
}
