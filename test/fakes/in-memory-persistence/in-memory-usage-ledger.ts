import type {
  UsageCosts,
  UsageEntry,
  UsageLedger,
  UsageQuery,
  UsageShare,
  UsageSum,
  UsageTotals,
} from '@app/domain';
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

  async costs({ from, to, projectIds }: UsageQuery): Promise<UsageCosts> {
    const entries = this.store.usage.filter(
      ({ at, projectId }) =>
        at >= from &&
        at < to &&
        (projectIds === undefined || (projectId !== null && projectIds.includes(projectId))),
    );
    const shares = (keyOf: (entry: UsageEntry) => string | null): UsageShare[] => {
      const keys = [...new Set(entries.map(keyOf))].toSorted((a, b) => (a ?? '').localeCompare(b ?? ''));
      return keys.map((key) => ({ key, ...sumOf(entries.filter((entry) => keyOf(entry) === key)) }));
    };
    return {
      total: sumOf(entries),
      byDay: shares(({ at }) => at.toISOString().slice(0, 10)),
      byMonth: shares(({ at }) => at.toISOString().slice(0, 7)),
      byProject: shares(({ projectId }) => projectId),
      byOperation: shares(({ operation }) => operation),
    };
  }
}

function sumOf(entries: readonly UsageEntry[]): UsageSum {
  const sum = (of: (entry: UsageEntry) => number) => entries.reduce((total, entry) => total + of(entry), 0);
  const countOf = (...outcomes: UsageEntry['outcome'][]) =>
    entries.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    calls: countOf('answered', 'failed'),
    cached: countOf('cached'),
    fallbacks: countOf('fallback'),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costUsd: Number(sum(({ costUsd }) => costUsd).toFixed(9)),
  };
}
