/** `bypass`: the cache was not asked (a fresh answer was wanted, or caching is off). */
export type CacheOutcome = 'hit' | 'miss' | 'bypass';

export interface UsageEntry {
  readonly at: Date;
  readonly operation: string;
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly projectId: string | null;
  readonly incidentId: string | null;
  readonly inputTokens: number;
  /** Of the input tokens, those the provider had in its own cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  readonly outcome: 'answered' | 'cached' | 'failed' | 'fallback';
  /** What our own cache said before the call. */
  readonly cache: CacheOutcome;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly error: string | null;
}

export interface UsageTotals {
  readonly calls: number;
  readonly cached: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

export interface UsageQuery {
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  /** Only calls of these projects; undefined: all, those of no project too. */
  readonly projectIds?: readonly string[];
}

/** What several calls came to. */
export interface UsageSum {
  /** Tries that reached a model, failed ones too. */
  readonly calls: number;
  /** Answered from the cache instead. */
  readonly cached: number;
  /** Answered by the rules instead. */
  readonly fallbacks: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

export interface UsageShare extends UsageSum {
  /** A day (`2026-11-20`), a month (`2026-11`), a project's id, an operation; null: of no project. */
  readonly key: string | null;
}

/** Spending over a time, split in four ways; days and months are UTC, in their order. */
export interface UsageCosts {
  readonly total: UsageSum;
  readonly byDay: readonly UsageShare[];
  readonly byMonth: readonly UsageShare[];
  readonly byProject: readonly UsageShare[];
  readonly byOperation: readonly UsageShare[];
}

/** Every model call, cached or not. */
export abstract class UsageLedger {
  abstract record(entry: UsageEntry): Promise<void>;
  /** Totals of one incident. */
  abstract ofIncident(incidentId: string): Promise<UsageTotals>;
  abstract costs(query: UsageQuery): Promise<UsageCosts>;
}
