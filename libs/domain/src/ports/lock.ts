export interface HeldLock {
  /** Prolongs the lease; false when it was lost. */
  renew(leaseMs: number): Promise<boolean>;
  /** Frees the lock if it is still this holder's. */
  release(): Promise<void>;
}

/** Mutual exclusion with a lease. A lock may end before its holder does: guard writes with a fencing condition. */
export abstract class Lock {
  /** Null when somebody else holds it. */
  abstract tryAcquire(name: string, leaseMs: number): Promise<HeldLock | null>;
}
