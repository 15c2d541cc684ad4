import { createCache as createCacheManager, type Cache as CacheManager } from 'cache-manager';
import { Keyv } from 'keyv';
import type { Log, RedisFigures } from '@app/domain';
import type { CacheCounters } from '../cache-counters.js';
import type { CacheNames, NamePattern } from '../policies/cache-names.js';
import type { Addition, EntryWrite, Settled, SharedStore } from '../redis/shared-store.js';
import { Invalidations } from './invalidations.js';
import { keyvStoreOver, type QuietStore } from './keyv-store.js';
import type { Lease } from './lease.js';
import { Leases, type Claimed } from './leases.js';
import { Presence } from './presence.js';
import { StoreCalls } from './store-calls.js';

export interface RemoteTierOptions {
  readonly store: SharedStore;
  readonly names: CacheNames;
  readonly counters: CacheCounters;
  readonly log: Log;
  /** How long a dead process keeps others from loading what it was loading. */
  readonly leaseMs: number;
  readonly rememberedInvalidations: { readonly names: number; readonly patterns: number };
  /** Entries of generations that were are misses now: whoever holds values of them drops them. */
  readonly onNewGenerations: () => void;
  /** Called after each successful beat. */
  readonly onBeat: () => void;
}

/**
 * The tier that processes share, as it is used: while its store is in trouble reads are misses, and what was written
 * or deleted is made good before anything it concerns is read again. Nothing here throws. Writes and batches go through
 * cache-manager and Keyv; a single read goes straight to the store, since it has microseconds (docs/decisions/021).
 */
export class RemoteTier {
  private readonly store: SharedStore;
  private readonly presence: Presence;
  private readonly calls: StoreCalls;
  private readonly invalidations: Invalidations;
  private readonly leases: Leases;
  private readonly manager: CacheManager;

  constructor(private readonly options: RemoteTierOptions) {
    const { store, counters } = options;
    this.store = store;
    this.presence = new Presence(store, {
      onNewGenerations: options.onNewGenerations,
      onBeat: () => {
        options.onBeat();
        void this.invalidations.makeGood();
      },
    });
    this.calls = new StoreCalls(this.presence, counters);
    const { presence, calls } = this;
    const remembered = options.rememberedInvalidations;
    this.invalidations = new Invalidations({ ...options, presence, calls, remembered });
    this.leases = new Leases(store, calls, options.leaseMs);
    this.manager = managerOver({
      read: (name) => this.read(name),
      readMany: (names) => calls.attempt('get_many', noneOf(names), () => store.readMany(names)),
      write: (writes) => this.invalidations.write(writes),
      delete: (name) => this.invalidations.delete(name),
    });
    this.presence.begin();
  }

  get connected(): boolean {
    return this.presence.here && this.store.connected;
  }

  /** The connection was lost, or nobody answers: nothing is asked until a beat has succeeded. */
  lost(): void {
    this.presence.lost();
  }

  /** Whether the store may be asked for this name. A call that isn't made because it is away counts as an error. */
  usable(name: string, operation: string): boolean {
    if (this.presence.here) return !this.invalidations.cover(name);
    this.options.counters.error(operation);
    return false;
  }

  /** What entries of a namespace are written in now; null before the store was reached for the first time. */
  generationOf(namespace: string, content: boolean): string | null {
    return this.presence.generationOf(namespace, content);
  }

  /** Somebody writes in a generation that this process doesn't know: it learns soon. */
  suspectGenerations(): void {
    this.presence.suspectGenerations();
  }

  read(name: string): Promise<Buffer | undefined> {
    return this.calls.attempt('get', undefined, () => this.store.read(name));
  }

  readMany(names: readonly string[]): Promise<(Buffer | undefined)[]> {
    return this.manager.mget<Buffer>([...names]);
  }

  /** Tells the other processes too. */
  async write(writes: readonly EntryWrite[]): Promise<void> {
    const entries = writes.map(({ name, bytes, ttlMs }) => ({ key: name, value: bytes, ttl: ttlMs }));
    if (entries.length === 1) await this.manager.set(entries[0]!.key, entries[0]!.value, entries[0]!.ttl);
    else if (entries.length > 1) await this.manager.mset(entries);
  }

  /** Tells the other processes too. Whether there was a value. */
  delete(name: string): Promise<boolean> {
    return this.invalidations.delete(name);
  }

  /** The new total of a number, told to the other processes too; null when the store is away or full. */
  async add(addition: Addition): Promise<number | null> {
    if (!this.usable(addition.name, 'increment')) return null;
    return this.calls.attempt<number | null>('increment', null, () => this.store.add(addition));
  }

  /** Takes away what nobody can read. */
  async discard(name: string): Promise<void> {
    await this.calls.attempt('delete', 0, () => this.store.delete([name], false));
  }

  /** How many values were deleted; when the store fails half-way the rest is remembered. */
  deleteMatching(pattern: NamePattern): Promise<number> {
    return this.invalidations.deleteMatching(pattern);
  }

  /** @param freshAfter a value that is fresh beyond this moment is answered instead */
  async claim(name: string, generation: string, freshAfter: number, withinMs: number): Promise<Claimed> {
    if (!this.usable(name, 'claim')) return { kind: 'none' };
    return this.leases.claim(name, generation, freshAfter, withinMs);
  }

  /** `away` when nobody knows whether it was stored. */
  async settle(lease: Lease, write: EntryWrite, withinMs: number): Promise<Settled | 'away'> {
    // An invalidation of this process waits to be made good: the lease doesn't know of it yet.
    if (this.invalidations.cover(write.name)) return 'away';
    return this.leases.settle(lease, write, withinMs);
  }

  /** Null when the store is away. */
  figures(): Promise<RedisFigures | null> {
    return this.calls.attempt<RedisFigures | null>('figures', null, () => this.store.figures());
  }

  async ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    const startedAt = performance.now();
    const answered = (detail?: string) => ({
      ok: detail === undefined,
      latencyMs: performance.now() - startedAt,
      detail,
    });
    if (!this.connected) return answered('Redis is away.');
    try {
      await this.store.ping();
      return answered();
    } catch (error) {
      return answered((error as Error).message);
    }
  }

  async close(): Promise<void> {
    this.presence.close();
    await this.store.close();
  }
}

function managerOver(store: QuietStore): CacheManager {
  const keyv = new Keyv({ store: keyvStoreOver(store), useKeyPrefix: false });
  // Entries are encoded already: Keyv hands the bytes on as they are.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return createCacheManager({ stores: [keyv] });
}

function noneOf(names: readonly string[]): (Buffer | undefined)[] {
  return names.map(() => undefined);
}
