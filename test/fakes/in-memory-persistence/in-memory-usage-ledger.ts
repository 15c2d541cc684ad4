import type { UsageEntry, UsageLedger, UsageTotals } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryUsageLedger implements UsageLedger {
  constructor(private readonly store: MemoryStore) {}

  async record(entry: UsageEntry): Promise<void> {
    this.store.usage.push(copy(entry));
  }

  async ofIncident(incidentId: string): Promise<UsageTotals> {
    const entries = this.store.usage.filter((entry) => entry.incidentId === incidentId);
    const sum = (of: (entry: UsageEntry) => number): number =>
      entries.reduce((total, entry) => total + of(entry), 0);
    return {
      calls: entries.length,
      cached: entries.filter((entry) => entry.outcome === 'cached').length,
      inputTokens: sum((entry) => entry.inputTokens),
      outputTokens: sum((entry) => entry.outputTokens),
      // Nine decimals are what the ledger's column keeps.
      costUsd: Number(sum((entry) => entry.costUsd).toFixed(9)),
    };
  }
}
