export interface HeldLock {
  /**
   * Grows with every holder of the name: whoever stores something guarded by the lock can store this with it, and refuse a
   * smaller one, so that a holder who was too slow changes nothing any more.
   */
  readonly fence: number;
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
