import { randomBytes } from 'node:crypto';
import { createCache as createCacheManager, type Cache as CacheManager } from 'cache-manager';
import { Keyv } from 'keyv';
import type { Log, RedisFigures } from '@app/domain';
import type { CacheCounters } from '../cache-counters.js';
import type { CacheNames, NamePattern } from '../policies/cache-names.js';
import type { Claim, EntryWrite, Generations, SharedStore } from '../redis/shared-store.js';
import { Lease, releaseLease } from './lease.js';
import { PendingInvalidations } from './pending-invalidations.js';
import { keyvStoreOver } from './keyv-store.js';

const BEAT_MS = 250;
const BEAT_WHILE_AWAY_MS = 100;
/** Within less the store can't be expected to answer. */
const LEAST_WAIT_MS = 2;
const REPLAY_BATCH = 200;

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

export type Claimed =
  | Exclude<Claim, { kind: 'granted' }>
  | { readonly kind: 'granted'; readonly lease: Lease }
  /** There is nobody to ask. */
  | { readonly kind: 'none' };

/**
 * The tier that processes share, and the place that decides what happens when it is in trouble: reads are misses,
 * writes and invalidations are remembered and made good before anything they concern is read again. Reads and plain
 * writes go through cache-manager and Keyv. Nothing here throws.
 */
export class RemoteTier {
  private readonly store: SharedStore;
  private readonly manager: CacheManager;
  private readonly pending: PendingInvalidations;
  private generations: Generations | null = null;
  private here = false;
  private closed = false;
  private replaying = false;
  private syncedAt = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: RemoteTierOptions) {
    this.store = options.store;
    this.pending = new PendingInvalidations(options.rememberedInvalidations);
    const store = keyvStoreOver({
      read: (name) => this.attempt('get', undefined, () => this.store.read(name)),
      readMany: (names) =>
        this.attempt(
          'get_many',
          names.map(() => undefined),
          () => this.store.readMany(names),
        ),
      write: (writes) => this.writeOrRemember(writes),
      delete: (name) => this.deleteOrRemember(name),
    });
    const keyv = new Keyv({ store, useKeyPrefix: false });
    // Entries are encoded already: Keyv hands the bytes on as they are.
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    this.manager = createCacheManager({ stores: [keyv] });
    this.schedule(0);
  }

  get connected(): boolean {
    return this.here && this.store.connected;
  }

  /** The connection was lost, or nobody answers: nothing is asked until a beat has succeeded. */
  lost(): void {
    this.here = false;
  }

  /** Whether the store may be asked for this name. A call that isn't made because it is away counts as an error. */
  usable(name: string, operation: string): boolean {
    if (!this.here) this.options.counters.error(operation);
    return this.here && !this.pending.covers(name);
  }

  /** What entries of a namespace are written in now; null before the store was reached for the first time. */
  generationOf(namespace: string, content: boolean): string | null {
    if (this.generations === null) return null;
    return this.generations.raised.get(namespace) ?? this.generations[content ? 'content' : 'state'];
  }

  async read(name: string): Promise<Buffer | undefined> {
    return this.manager.get<Buffer>(name);
  }

  async readMany(names: readonly string[]): Promise<(Buffer | undefined)[]> {
    return this.manager.mget<Buffer>([...names]);
  }

  /** Tells the other processes too. */
  async write(writes: readonly EntryWrite[]): Promise<void> {
    const entries = writes.map(({ name, bytes, ttlMs }) => ({ key: name, value: bytes, ttl: ttlMs }));
    if (entries.length === 1) await this.manager.set(entries[0]!.key, entries[0]!.value, entries[0]!.ttl);
    else if (entries.length > 1) await this.manager.mset(entries);
  }

  /** Tells the other processes too. Whether there was a value. */
  async delete(name: string): Promise<boolean> {
    return this.deleteOrRemember(name);
  }

  /** Takes away what nobody can read. */
  async discard(name: string): Promise<void> {
    await this.attempt('delete', 0, () => this.store.delete([name], false));
  }

  /** How many values were deleted; when the store fails half-way the rest is remembered. */
  async deleteMatching(pattern: NamePattern): Promise<number> {
    // From now on this process reads none of them there, so that what it reads can't be what is being deleted.
    const asked = this.pending.beginPattern(pattern, this.options.names.namespaceOf(pattern.start));
    try {
      if (!this.here) throw new Error('The store is away.');
      const deleted = await this.store.deleteMatching(pattern);
      await this.store.announce({ pattern: { start: pattern.start, glob: pattern.glob } });
      this.pending.settle(asked);
      return deleted;
    } catch {
      this.options.counters.error('delete_pattern');
      this.pending.failed(asked);
      this.makeGoodSoon();
      return 0;
    }
  }

  /** @param freshAfter a value that is fresh beyond this moment is answered instead */
  async claim(name: string, generation: string, freshAfter: number, withinMs: number): Promise<Claimed> {
    if (withinMs < LEAST_WAIT_MS || !this.usable(name, 'claim')) return { kind: 'none' };
    const token = randomBytes(12).toString('base64url');
    const { leaseMs } = this.options;
    const request = { token, leaseMs, freshAfter, generation };
    const claim = await this.attempt<Claim | 'refused' | 'away'>('claim', 'away', () =>
      this.store.claim(name, request, withinMs),
    );
    // Perhaps it was granted, and only the answer came too late.
    if (claim === 'away') releaseLease(this.store, name, token);
    if (claim === 'refused' || claim === 'away') return { kind: 'none' };
    if (claim.kind !== 'granted') return claim;
    return { kind: 'granted', lease: new Lease(this.store, name, token, generation, leaseMs) };
  }

  /** `away` when nobody knows whether it was stored. */
  async settle(
    lease: Lease,
    write: EntryWrite,
    withinMs: number,
  ): Promise<'stored' | 'lost' | 'refused' | 'away'> {
    // An invalidation of this process waits to be made good: the lease doesn't know of it yet.
    if (this.pending.covers(write.name)) return 'away';
    return this.attempt<'stored' | 'lost' | 'refused' | 'away'>('settle', 'away', () =>
      lease.settle(write, Math.max(withinMs, LEAST_WAIT_MS)),
    );
  }

  /** Somebody writes in a generation that this process doesn't know: it learns soon. */
  suspectGenerations(): void {
    if (performance.now() - this.syncedAt > BEAT_WHILE_AWAY_MS) this.schedule(0);
  }

  /** Null when the store is away. */
  async figures(): Promise<RedisFigures | null> {
    return this.attempt('figures', null, () => this.store.figures());
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
    this.closed = true;
    this.here = false;
    if (this.timer) clearTimeout(this.timer);
    await this.store.close();
  }

  private async writeOrRemember(writes: readonly EntryWrite[]): Promise<void> {
    const asked = this.pending.asked;
    const refused = await this.attempt('set', null, () => this.store.write(writes, true));
    if (refused !== null) this.pending.confirm(writes, asked);
    // An older value may still be there, and must never be taken for the newer one.
    if (refused === null) this.remember(writes.map(({ name }) => name));
    for (const name of refused ?? [])
      this.options.counters.refused(this.options.names.namespaceOf(name).namespace, 'full');
  }

  private async deleteOrRemember(name: string): Promise<boolean> {
    const asked = this.pending.asked;
    const deleted = await this.attempt('delete', null, () => this.store.delete([name], true));
    if (deleted !== null) this.pending.confirm([{ name }], asked);
    if (deleted === null) this.remember([name]);
    return deleted === 1;
  }

  private remember(names: readonly string[]): void {
    for (const name of names) this.pending.addName(name, this.options.names.namespaceOf(name));
    this.makeGoodSoon();
  }

  private makeGoodSoon(): void {
    if (this.here) setImmediate(() => void this.makeGood());
  }

  /** Tells the store, and over it the other processes, what was invalidated while it was away. */
  private async makeGood(): Promise<void> {
    if (this.replaying) return;
    this.replaying = true;
    const { store, pending } = this;
    try {
      while (this.here) {
        const { names, patterns, raised } = pending.read();
        if (names.length + patterns.length + raised.length === 0) return;
        for (const item of raised) {
          await store.raise(item[0].namespace, item[0].content);
          pending.settle({ raised: [item] });
        }
        for (let at = 0; at < names.length; at += REPLAY_BATCH) {
          const batch = names.slice(at, at + REPLAY_BATCH);
          await store.delete(
            batch.map(([name]) => name),
            true,
          );
          pending.settle({ names: batch });
        }
        for (const item of patterns) {
          await store.deleteMatching(item[0]);
          await store.announce({ pattern: { start: item[0].start, glob: item[0].glob } });
          pending.settle({ patterns: [item] });
        }
        this.options.log.info(
          { names: names.length, patterns: patterns.length, namespaces: raised.length },
          'cache_invalidations_made_good',
        );
      }
    } catch {
      // The next beat tries again; until then nothing they cover is read.
      this.options.counters.error('make_good');
    } finally {
      this.replaying = false;
    }
  }

  private schedule(inMs: number): void {
    if (this.closed) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.beat(), inMs).unref();
  }

  /** Shows that the store answers, and what generations it has. */
  private async beat(): Promise<void> {
    const sentAt = performance.now();
    try {
      const generations = await this.store.sync(sentAt);
      if (this.closed) return;
      this.syncedAt = sentAt;
      const known = this.generations;
      this.generations = generations;
      if (known !== null && !same(known, generations)) this.options.onNewGenerations();
      this.here = true;
      this.options.onBeat();
      void this.makeGood();
    } catch {
      // Outages are told of by the connection.
    }
    this.schedule(this.here ? BEAT_MS : BEAT_WHILE_AWAY_MS);
  }

  private async attempt<T>(operation: string, otherwise: T, call: () => Promise<T>): Promise<T> {
    try {
      if (this.here) return await call();
    } catch {
      // Which outage it is, the connection tells; the caller goes on without the store.
    }
    this.options.counters.error(operation);
    return otherwise;
  }
}

function same(a: Generations, b: Generations): boolean {
  return (
    a.content === b.content &&
    a.state === b.state &&
    a.raised.size === b.raised.size &&
    [...a.raised].every(([namespace, generation]) => b.raised.get(namespace) === generation)
  );
}
