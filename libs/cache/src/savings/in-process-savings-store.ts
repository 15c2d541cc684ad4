import { SAVINGS_KEPT_DAYS, type SavingsStore, type WholeSavings } from './savings-store.js';

/** Savings of this process since it started. */
export class InProcessSavingsStore implements SavingsStore {
  private readonly days = new Map<string, Map<string, WholeSavings>>();

  async add(day: string, byNamespace: ReadonlyMap<string, WholeSavings>): Promise<void> {
    const sums = this.days.get(day) ?? new Map<string, WholeSavings>();
    this.days.set(day, sums);
    for (const [namespace, more] of byNamespace) {
      const { hits = 0, costMicroUsd = 0, latencyMs = 0, calls = 0 } = sums.get(namespace) ?? {};
      sums.set(namespace, {
        hits: hits + more.hits,
        costMicroUsd: costMicroUsd + more.costMicroUsd,
        latencyMs: latencyMs + more.latencyMs,
        calls: calls + more.calls,
      });
    }
    // Days are added in their order.
    if (this.days.size > SAVINGS_KEPT_DAYS) this.days.delete(this.days.keys().next().value!);
  }

  async read(day: string): Promise<ReadonlyMap<string, WholeSavings>> {
    return new Map(this.days.get(day));
  }
}
