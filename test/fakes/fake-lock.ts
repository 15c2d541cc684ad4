import type { HeldLock, Lock } from '@app/domain';

/** Leases in a map, on a clock that a test may move. Held to the lock contract. */
export class FakeLock implements Lock {
  private fence = 0;
  private readonly leases = new Map<string, { owner: symbol; endsAt: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  async tryAcquire(name: string, leaseMs: number): Promise<HeldLock | null> {
    const current = this.leases.get(name);
    if (current && current.endsAt > this.now()) return null;
    const owner = Symbol(name);
    this.leases.set(name, { owner, endsAt: this.now() + leaseMs });
    const holds = (): boolean => {
      const lease = this.leases.get(name);
      return lease?.owner === owner && lease.endsAt > this.now();
    };
    this.fence += 1;
    return {
      fence: this.fence,
      renew: async (renewedMs) => {
        if (!holds()) return false;
        this.leases.set(name, { owner, endsAt: this.now() + renewedMs });
        return true;
      },
      release: async () => {
        if (holds()) this.leases.delete(name);
      },
    };
  }

  /** Ends everybody's lease, as when a holder was too slow. */
  expireAll(): void {
    this.leases.clear();
  }
}
