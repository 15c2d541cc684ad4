import type { CacheCounters } from '../cache-counters.js';
import type { Presence } from './presence.js';

/** Calls of a store that may be away: each ends in an answer, and is timed; what failed is counted. */
export class StoreCalls {
  constructor(
    private readonly presence: Pick<Presence, 'here'>,
    private readonly counters: CacheCounters,
  ) {}

  /** @param otherwise what a call answers that failed, or isn't made since the store is away */
  async attempt<T>(operation: string, otherwise: T, call: () => Promise<T>): Promise<T> {
    if (this.presence.here) {
      const startedAt = performance.now();
      try {
        return await call();
      } catch {
        // Which outage it is, the connection tells; the caller goes on without the store.
      } finally {
        this.counters.took('redis', operation, performance.now() - startedAt);
      }
    }
    this.counters.error(operation);
    return otherwise;
  }
}
