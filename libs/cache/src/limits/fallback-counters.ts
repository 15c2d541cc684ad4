import type { Counted, CounterBound, Counters } from './counters.js';
import type { InProcessCounters } from './in-process-counters.js';

/** What can be remembered for the shared counters' return. */
const MAX_OWED = 10_000;

/**
 * Shared counters; while they are away the process goes on from the totals it saw last, alone, and hands over
 * what it counted meanwhile as soon as they are back. (An addition whose answer got lost may be counted twice.)
 */
export class FallbackCounters implements Counters {
  private readonly owed = new Map<string, { amount: number; expiresAtMs: number }>();

  constructor(
    private readonly shared: Counters,
    private readonly own: InProcessCounters,
  ) {}

  async add(name: string, amount: number, bound: CounterBound): Promise<Counted> {
    try {
      await this.handOver();
      const counted = await this.shared.add(name, amount, bound);
      this.own.put(name, counted.total, bound.expiresAtMs);
      return counted;
    } catch {
      // The connection has logged the outage.
      const counted = await this.own.add(name, amount, bound);
      if (counted.added) this.owe(name, amount, bound.expiresAtMs);
      return counted;
    }
  }

  async read(names: readonly string[]): Promise<number[]> {
    try {
      await this.handOver();
      return await this.shared.read(names);
    } catch {
      return this.own.read(names);
    }
  }

  private async handOver(): Promise<void> {
    // Taken down first: what is put back meanwhile waits for the next call.
    const names = [...this.owed.keys()];
    for (const name of names) {
      const owed = this.owed.get(name);
      // Another call is just handing it over.
      if (owed === undefined) continue;
      this.owed.delete(name);
      const { amount, expiresAtMs } = owed;
      try {
        await this.shared.add(name, amount, { limit: null, expiresAtMs });
      } catch (error) {
        this.owe(name, amount, expiresAtMs);
        throw error;
      }
    }
  }

  private owe(name: string, amount: number, expiresAtMs: number): void {
    const before = this.owed.get(name)?.amount ?? 0;
    if (this.owed.size < MAX_OWED || this.owed.has(name))
      this.owed.set(name, { amount: before + amount, expiresAtMs });
  }
}
