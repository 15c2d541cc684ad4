import { LRUCache } from 'lru-cache';
import type { Counted, CounterBound, Counters } from './counters.js';

/** Past so many the counters that were quiet for longest are forgotten. */
const MAX_COUNTERS = 100_000;

/** Counters of this process alone. */
export class InProcessCounters implements Counters {
  private readonly totals: LRUCache<string, number>;

  constructor(private readonly now: () => number = Date.now) {
    this.totals = new LRUCache({ max: MAX_COUNTERS, ttlResolution: 0, perf: { now } });
  }

  async add(name: string, amount: number, { limit, expiresAtMs }: CounterBound): Promise<Counted> {
    const before = this.totals.get(name) ?? 0;
    if (amount > 0 && limit !== null && before + amount > limit) return { added: false, total: before };
    this.put(name, before + amount, expiresAtMs);
    return { added: true, total: before + amount };
  }

  async read(names: readonly string[]): Promise<number[]> {
    return names.map((name) => this.totals.get(name) ?? 0);
  }

  put(name: string, total: number, expiresAtMs: number): void {
    this.totals.set(name, total, { ttl: Math.max(1, expiresAtMs - this.now()) });
  }
}
