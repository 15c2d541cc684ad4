export interface UsageEntry {
  readonly at: Date;
  readonly operation: string;
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly projectId: string | null;
  readonly incidentId: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  readonly outcome: 'answered' | 'cached' | 'failed' | 'fallback';
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
