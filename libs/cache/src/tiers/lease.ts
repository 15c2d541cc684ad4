import type { EntryWrite, Settled, SharedStore } from '../redis/shared-store.js';

const RELEASE_AGAIN_MS = [300, 1_000] as const;

/** Gives a lease back that nobody uses, so that nobody waits for its end; tries again while the store is away. */
export function releaseLease(store: SharedStore, name: string, token: string, attempt = 0): void {
  store.renew(name, token, 0).catch(() => {
    const againMs = RELEASE_AGAIN_MS[attempt];
    if (againMs !== undefined)
      setTimeout(() => releaseLease(store, name, token, attempt + 1), againMs).unref();
  });
}

/** The right to load one key: renewed while it is held, so that it ends soon after its holder has died. */
export class Lease {
  private readonly renewal: NodeJS.Timeout;

  constructor(
    private readonly store: SharedStore,
    private readonly name: string,
    private readonly token: string,
    /** What the namespace's generation was when the load began: a value of an older one is never read. */
    readonly generation: string,
    leaseMs: number,
  ) {
    // What fails here ends the lease at worst; then what was loaded isn't stored, which `settle` tells.
    const renew = (): void => void this.store.renew(name, token, leaseMs).catch(() => undefined);
    this.renewal = setInterval(renew, leaseMs / 3).unref();
  }

  /** Stores what was loaded and ends the lease. @throws as the store does */
  settle(write: Omit<EntryWrite, 'name'>, withinMs: number): Promise<Settled> {
    clearInterval(this.renewal);
    return this.store.settle({ ...write, name: this.name }, this.token, withinMs);
  }

  /** Nothing is going to be stored: whoever waits may load. */
  release(): void {
    clearInterval(this.renewal);
    releaseLease(this.store, this.name, this.token);
  }
}
