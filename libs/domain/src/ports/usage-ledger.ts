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

/** Every model call, cached or not. */
export abstract class UsageLedger {
  abstract record(entry: UsageEntry): Promise<void>;
  /** Totals of one incident. */
  abstract ofIncident(incidentId: string): Promise<UsageTotals>;
}
