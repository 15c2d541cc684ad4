export const QUOTA_TYPES = ['api_calls', 'analysis_runs', 'llm_tokens', 'storage_bytes'] as const;
export type QuotaType = (typeof QUOTA_TYPES)[number];

/** Most of a type in a day and a calendar month (UTC); null is without limit. */
export interface QuotaLimits {
  readonly daily: number | null;
  readonly monthly: number | null;
}

export interface QuotaUse {
  /** In the type's unit: calls, runs, tokens, bytes. */
  readonly requestsUsed: number;
  readonly limit: number | null;
  /** Until the day or month ends. */
  readonly resetInSeconds: number;
}

export interface QuotaDecision {
  readonly allowed: boolean;
  readonly daily: QuotaUse;
  readonly monthly: QuotaUse;
  /** The moment whose day and month it was counted in: what `giveBack` wants to know. */
  readonly countedAt: Date;
}

/**
 * What a subject (an API key, a project) uses of a type, a day and a month. What must never be exceeded, such as money,
 * is reserved in the database instead: while the shared store is away, each process counts for itself.
 */
export abstract class QuotaCounter {
  /** Counts `amount` in the day and the month, in both or in neither. @param amount whole number above 0, default 1 */
  abstract consume(
    subject: string,
    type: QuotaType,
    limits: QuotaLimits,
    amount?: number,
  ): Promise<QuotaDecision>;
  /** Takes back what was counted and not used, for example the tokens an answer didn't need. */
  abstract giveBack(subject: string, type: QuotaType, amount: number, countedAt: Date): Promise<void>;
  abstract use(
    subject: string,
    type: QuotaType,
    limits: QuotaLimits,
  ): Promise<{ readonly daily: QuotaUse; readonly monthly: QuotaUse }>;
}
