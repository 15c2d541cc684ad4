/** `skipped`: there is nothing to check, or what it needs failed before. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  readonly verdict: Verdict;
  /** What was found; never a secret. */
  readonly detail: string;
  /** Stable name of what is wrong, for programs. */
  readonly problem?: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** One thing the doctor looks at. Checks run in their order. */
export interface Check {
  /** `part: what` */
  readonly name: string;
  /** What it throws counts as failed. */
  run(): Promise<Finding>;
}

export type Report = Finding & { readonly name: string; readonly ms: number };

export const ok = (detail: string): Finding => ({ verdict: 'ok', detail });
export const skipped = (detail: string): Finding => ({ verdict: 'skipped', detail });
export const warning = (problem: string, detail: string, mend: string): Finding => ({
  verdict: 'warning',
  problem,
  detail,
  mend,
});
export const failed = (problem: string, detail: string, mend: string): Finding => ({
  verdict: 'failed',
  problem,
  detail,
  mend,
});
