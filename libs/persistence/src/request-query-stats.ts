import { AsyncLocalStorage } from 'node:async_hooks';

/** Queries of one request: how many, and how long the database took over them. */
export interface QueryStats {
  readonly count: number;
  readonly ms: number;
}

const current = new AsyncLocalStorage<{ count: number; ms: number }>();

/** Counts the queries that are sent while a request is handled, whichever repository sends them. */
export const RequestQueryStats = {
  /** Runs `handle` with figures of its own, which `current` gives anywhere below it. */
  run<T>(handle: () => T): T {
    return current.run({ count: 0, ms: 0 }, handle);
  },

  /** The figures so far; undefined outside of `run`. */
  current(): QueryStats | undefined {
    return current.getStore();
  },

  /** Adds a query that took `ms`. */
  add(ms: number): void {
    const stats = current.getStore();
    if (!stats) return;
    stats.count += 1;
    stats.ms += ms;
  },
};
