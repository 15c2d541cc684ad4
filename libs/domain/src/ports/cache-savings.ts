/** What it cost to get a value, and so what each later hit on it saves. */
export interface CacheSaving {
  /** Dollars, for example of a model call. */
  readonly costUsd?: number;
  readonly latencyMs?: number;
  /** Calls of an outside system. */
  readonly calls?: number;
}

/** What the hits of one namespace saved on one day. */
export interface SavedTotals {
  readonly hits: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  readonly calls: number;
}

/** What cache hits saved, by namespace and day (UTC). Figures for people, not for bills: a crash may lose the last second. */
export abstract class CacheSavings {
  /** Adds one hit. Neither waits nor throws. */
  abstract record(namespace: string, saving: CacheSaving): void;
  /** By namespace; empty for a day without hits. @param day `yyyy-mm-dd` */
  abstract ofDay(day: string): Promise<Readonly<Record<string, SavedTotals>>>;
}
