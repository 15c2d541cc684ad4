import type { AnalyticsPeriod, RunCount, TrendInterval } from './ports/incident-analytics.js';

const DAY_MS = 86_400_000;
/** Two-sided, 5 %: a difference that chance makes seldom. */
const SIGNIFICANT_Z = 1.96;
/** With fewer runs on a side a rate says nothing. */
const LEAST_RUNS = 10;

export interface Bounds {
  readonly from: Date;
  readonly to: Date;
}

export function boundsOf(period: AnalyticsPeriod, now: Date): Bounds {
  return 'days' in period ? { from: new Date(now.getTime() - period.days * DAY_MS), to: now } : period;
}

/** The period of equal length before. */
export function boundsBefore({ from, to }: Bounds): Bounds {
  return { from: new Date(2 * from.getTime() - to.getTime()), to: from };
}

/** The beginnings of all days or weeks (from Monday, UTC) that the bounds touch, the oldest first. */
export function bucketsOf({ from, to }: Bounds, interval: TrendInterval): readonly Date[] {
  const stepMs = interval === 'day' ? DAY_MS : 7 * DAY_MS;
  const starts: Date[] = [];
  for (let at = startOf(from, interval); at < to.getTime(); at += stepMs) starts.push(new Date(at));
  return starts;
}

function startOf(at: Date, interval: TrendInterval): number {
  const day = Math.floor(at.getTime() / DAY_MS);
  // 1 January 1970 was a Thursday.
  return (interval === 'day' ? day : day - ((((day + 3) % 7) + 7) % 7)) * DAY_MS;
}

/** Share of the runs that failed; null where none is known. */
export function failureRate({ runs, failed }: RunCount): number | null {
  return runs === 0 ? null : failed / runs;
}

export const RATE_VERDICTS = ['unknown', 'usual', 'worse', 'better'] as const;
export type RateVerdict = (typeof RATE_VERDICTS)[number];

/**
 * Whether runs fail more or less often than before, by the test of two proportions; `unknown` with too few runs on either
 * side.
 */
export function compareRates(now: RunCount, before: RunCount): RateVerdict {
  if (now.runs < LEAST_RUNS || before.runs < LEAST_RUNS) return 'unknown';
  const pooled = (now.failed + before.failed) / (now.runs + before.runs);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / now.runs + 1 / before.runs));
  if (error === 0) return 'usual';
  const z = (now.failed / now.runs - before.failed / before.runs) / error;
  if (Math.abs(z) < SIGNIFICANT_Z) return 'usual';
  return z > 0 ? 'worse' : 'better';
}
