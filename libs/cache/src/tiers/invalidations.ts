import type { Log } from '@app/domain';
import type { CacheCounters } from '../cache-counters.js';
import type { CacheNames, NamePattern } from '../policies/cache-names.js';
import type { EntryWrite, SharedStore } from '../redis/shared-store.js';
import { PendingInvalidations } from './pending-invalidations.js';
import type { Presence } from './presence.js';
import type { StoreCalls } from './store-calls.js';

const REPLAY_BATCH = 200;

export interface InvalidationParts {
  readonly store: SharedStore;
  readonly presence: Pick<Presence, 'here'>;
  readonly calls: StoreCalls;
  readonly names: CacheNames;
  readonly counters: CacheCounters;
  readonly log: Log;
  /** How many are remembered one by one. */
  readonly remembered: { readonly names: number; readonly patterns: number };
}

/**
 * Whatever makes an entry of the store untrue: writes over it and deletions. The other processes are told; what the
 * store didn't confirm is remembered and made good before anything it concerns is read again. Nothing here throws.
 */
export class Invalidations {
  private readonly pending: PendingInvalidations;
  private replaying = false;

  constructor(private readonly parts: InvalidationParts) {
    this.pending = new PendingInvalidations(parts.remembered);
  }

  /** Whether what the store has under a name may be untrue. */
  cover(name: string): boolean {
    return this.pending.covers(name);
  }

  async write(writes: readonly EntryWrite[]): Promise<void> {
    const { calls, store, counters, names } = this.parts;
    const asked = this.pending.asked;
    const refused = await calls.attempt('set', null, () => store.write(writes, true));
    if (refused !== null) this.pending.confirm(writes, asked);
    // An older value may still be there, and must never be taken for the newer one.
    if (refused === null) this.remember(writes.map(({ name }) => name));
    for (const name of refused ?? []) counters.refused(names.namespaceOf(name).namespace, 'full');
  }

  /** Whether there was a value. */
  async delete(name: string): Promise<boolean> {
    const { calls, store } = this.parts;
    const asked = this.pending.asked;
    const deleted = await calls.attempt('delete', null, () => store.delete([name], true));
    if (deleted !== null) this.pending.confirm([{ name }], asked);
    if (deleted === null) this.remember([name]);
    return deleted === 1;
  }

  /** How many values were deleted; when the store fails half-way the rest is remembered. */
  async deleteMatching(pattern: NamePattern): Promise<number> {
    const { calls, names } = this.parts;
    // From now on this process reads none of them there, so that what it reads can't be what is being deleted.
    const asked = this.pending.beginPattern(pattern, names.namespaceOf(pattern.start));
    const deleted = await calls.attempt('delete_pattern', null, () => this.deleteAndTell(pattern));
    if (deleted !== null) this.pending.settle(asked);
    else {
      this.pending.failed(asked);
      this.makeGoodSoon();
    }
    return deleted ?? 0;
  }

  /** Tells the store, and over it the other processes, what was invalidated while it was away. */
  async makeGood(): Promise<void> {
    if (this.replaying) return;
    this.replaying = true;
    const { presence, log, counters } = this.parts;
    try {
      while (presence.here) {
        const { names, patterns, raised } = this.pending.read();
        if (names.length + patterns.length + raised.length === 0) return;
        for (const item of raised) {
          await this.parts.store.raise(item[0].namespace, item[0].content);
          this.pending.settle({ raised: [item] });
        }
        await this.deleteInBatches(names);
        for (const item of patterns) {
          await this.deleteAndTell(item[0]);
          this.pending.settle({ patterns: [item] });
        }
        log.info(
          { names: names.length, patterns: patterns.length, namespaces: raised.length },
          'cache_invalidations_made_good',
        );
      }
    } catch {
      // The next beat tries again; until then nothing they cover is read.
      counters.error('make_good');
    } finally {
      this.replaying = false;
    }
  }

  private async deleteInBatches(names: readonly (readonly [name: string, asked: number])[]): Promise<void> {
    for (let at = 0; at < names.length; at += REPLAY_BATCH) {
      const batch = names.slice(at, at + REPLAY_BATCH);
      await this.parts.store.delete(
        batch.map(([name]) => name),
        true,
      );
      this.pending.settle({ names: batch });
    }
  }

  private async deleteAndTell(pattern: NamePattern): Promise<number> {
    const deleted = await this.parts.store.deleteMatching(pattern);
    await this.parts.store.announce({ pattern: { start: pattern.start, glob: pattern.glob } });
    return deleted;
  }

  private remember(names: readonly string[]): void {
    for (const name of names) this.pending.addName(name, this.parts.names.namespaceOf(name));
    this.makeGoodSoon();
  }

  private makeGoodSoon(): void {
    if (this.parts.presence.here) setImmediate(() => void this.makeGood());
  }
}
