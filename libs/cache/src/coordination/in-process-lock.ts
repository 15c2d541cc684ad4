import type { HeldLock, Lock } from '@app/domain';

interface Lease {
  readonly owner: symbol;
  readonly endsAt: number;
}

/** Mutual exclusion within one process: what serves when no Redis is configured. */
export class InProcessLock implements Lock {
  private readonly leases = new Map<string, Lease>();
  private fence = 0;

  /** @param now a clock that never goes back, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  async tryAcquire(name: string, leaseMs: number): Promise<HeldLock | null> {
    const lease = this.leases.get(name);
    if (lease && lease.endsAt > this.now()) return null;
    const owner = Symbol(name);
    this.leases.set(name, { owner, endsAt: this.now() + leaseMs });
    this.fence = Math.max(this.fence + 1, Date.now());
    return {
      fence: this.fence,
      renew: async (renewedMs) => {
        if (!this.holds(name, owner)) return false;
        this.leases.set(name, { owner, endsAt: this.now() + renewedMs });
        return true;
      },
      release: async () => {
        if (this.holds(name, owner)) this.leases.delete(name);
      },
    };
  }

  private holds(name: string, owner: symbol): boolean {
    const lease = this.leases.get(name);
    return lease?.owner === owner && lease.endsAt > this.now();
  }
}
