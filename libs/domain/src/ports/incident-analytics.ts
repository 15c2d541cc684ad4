import type { FailureCategory } from '../failure-taxonomy.js';

/** The last so many days up to now, or all that was opened from one moment on and before another. */
export type AnalyticsPeriod = { readonly days: number } | { readonly from: Date; readonly to: Date };

export interface AnalyticsScope {
  /** Only these projects; null = all. */
  readonly projectIds: readonly string[] | null;
  readonly period: AnalyticsPeriod;
}

/** Of how many, and what half and nine tenths of them stay below, by nearest rank; null of none. */
export interface Durations {
  readonly count: number;
  readonly medianMs: number | null;
  readonly p90Ms: number | null;
}

/** Attempts of runs that ended in success or failure. */
export interface RunCount {
  readonly runs: number;
  readonly failed: number;
}

/**
 * What became of the incidents that were opened within a period. Time to diagnosis is from when the failure was told of to
 * its first diagnosis; time to repair from its first failed attempt to the end of the run that proved it repaired.
 */
export interface AnalyticsOverview {
  readonly from: Date;
  readonly to: Date;
  readonly opened: number;
  /** Opened in the period of equal length before. */
  readonly openedBefore: number;
  /** Failed attempts. */
  readonly occurrences: number;
  /** Neither resolved nor ignored by now. */
  readonly open: number;
  readonly resolved: number;
  /** Those of the resolved whose repair a later run proved. */
  readonly proven: number;
  readonly diagnosed: number;
  /** Those of the diagnosed that needed no diagnosis of their own. */
  readonly reused: number;
  readonly timeToDiagnosis: Durations;
  readonly timeToRepair: Durations;
  /** Runs that ended in the period, as far as their ends were told. */
  readonly runs: RunCount;
  /** Those of the period of equal length before. */
  readonly baseline: RunCount;
}

export const TREND_INTERVALS = ['day', 'week'] as const;
export type TrendInterval = (typeof TREND_INTERVALS)[number];

/** A day (UTC), or a week from Monday on. */
export interface TrendBucket extends RunCount {
  readonly from: Date;
  readonly opened: number;
  readonly occurrences: number;
  /** Incidents opened then whose repair was proven. */
  readonly proven: number;
  readonly timeToDiagnosis: Durations;
  readonly timeToRepair: Durations;
}

export const ANALYTICS_GROUPS = ['project', 'category', 'branch', 'job', 'pattern'] as const;
export type AnalyticsGrouping = (typeof ANALYTICS_GROUPS)[number];

/** Incidents of a period that have something in common. */
export interface AnalyticsGroup {
  /** Null for categories, which are counted over all projects. */
  readonly projectId: string | null;
  readonly repository: string | null;
  /** What they have in common: project id, category, branch, job name or fingerprint; null: not known (yet). */
  readonly value: string | null;
  /** Of a pattern. */
  readonly category: FailureCategory | null;
  /** Of a pattern with a diagnosis that holds. */
  readonly rootCause: string | null;
  readonly incidents: number;
  readonly occurrences: number;
  readonly open: number;
  readonly lastFailedAt: Date;
  readonly timeToDiagnosis: Durations;
  readonly timeToRepair: Durations;
}

/** `occurrences`: what fails most often first; `repair`: what takes longest to repair first. */
export type GroupOrder = 'occurrences' | 'repair';

/** A pattern of which incidents passed on the very commit that had failed. */
export interface FlakyPattern {
  readonly projectId: string;
  readonly repository: string;
  readonly fingerprint: string;
  readonly signature: string;
  readonly category: FailureCategory;
  /** Incidents of it that passed within the period, and those of them that did on the same commit. */
  readonly passes: number;
  readonly passesOnSameCommit: number;
  readonly lastPassedAt: Date;
}

/** Figures over incidents and runs, each within a scope. */
export abstract class IncidentAnalytics {
  abstract overview(scope: AnalyticsScope): Promise<AnalyticsOverview>;
  /** Each interval that the period touches, the oldest first, those without anything too. */
  abstract trends(scope: AnalyticsScope, interval: TrendInterval): Promise<readonly TrendBucket[]>;
  /** At most `limit` groups; those that never were of any pattern are left out of patterns. */
  abstract groups(
    scope: AnalyticsScope,
    by: AnalyticsGrouping,
    order: GroupOrder,
    limit: number,
  ): Promise<readonly AnalyticsGroup[]>;
  /** The most frequent passes on the same commit first. */
  abstract flaky(scope: AnalyticsScope, limit: number): Promise<readonly FlakyPattern[]>;
}
