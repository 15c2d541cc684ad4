import { randomBytes } from 'node:crypto';
import type { Claim, EntryWrite, Settled, SharedStore } from '../redis/shared-store.js';
import { Lease, releaseLease } from './lease.js';
import type { StoreCalls } from './store-calls.js';

/** Within less the store can't be expected to answer. */
const LEAST_WAIT_MS = 2;

export type Claimed =
  | Exclude<Claim, { kind: 'granted' }>
  | { readonly kind: 'granted'; readonly lease: Lease }
  /** There is nobody to ask. */
  | { readonly kind: 'none' };

/** Hands out the right to load a key, one process at a time. Nothing here throws. */
export class Leases {
  /** @param leaseMs how long a dead process keeps others from loading what it was loading */
  constructor(
    private readonly store: SharedStore,
    private readonly calls: StoreCalls,
    private readonly leaseMs: number,
  ) {}

  /** @param freshAfter a value that is fresh beyond this moment is answered instead */
  async claim(name: string, generation: string, freshAfter: number, withinMs: number): Promise<Claimed> {
    if (withinMs < LEAST_WAIT_MS) return { kind: 'none' };
    const token = randomBytes(12).toString('base64url');
    const { leaseMs, store } = this;
    const request = { token, leaseMs, freshAfter, generation };
    const claim = await this.calls.attempt<Claim | 'refused' | 'away'>('claim', 'away', () =>
      store.claim(name, request, withinMs),
    );
    // Perhaps it was granted, and only the answer came too late.
    if (claim === 'away') releaseLease(store, name, token);
    if (claim === 'refused' || claim === 'away') return { kind: 'none' };
    if (claim.kind !== 'granted') return claim;
    return { kind: 'granted', lease: new Lease(store, name, token, generation, leaseMs) };
  }

  /** `away` when nobody knows whether it was stored. */
  async settle(lease: Lease, write: EntryWrite, withinMs: number): Promise<Settled | 'away'> {
    return this.calls.attempt<Settled | 'away'>('settle', 'away', () =>
      lease.settle(write, Math.max(withinMs, LEAST_WAIT_MS)),
    );
  }
}
