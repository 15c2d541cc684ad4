import {
  compareRates,
  failureRate,
  type AnalyticsGroup,
  type AnalyticsOverview,
  type FlakyPattern,
  type RunCount,
  type TrendBucket,
} from '@app/domain';
import type { FlakyView, GroupView, OverviewView, TrendsView } from './analytics.schemas.js';

export function presentOverview(overview: AnalyticsOverview): OverviewView {
  const { from, to, opened, openedBefore, occurrences, open, resolved, proven } = overview;
  const { runs, baseline, timeToDiagnosis, timeToRepair } = overview;
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    incidents: { opened, openedBefore, occurrences, open, resolved, proven },
    diagnoses: { shown: overview.diagnosed, reused: overview.reused },
    timeToDiagnosis,
    timeToRepair,
    failureRate: {
      ...presentRuns(runs),
      baseline: presentRuns(baseline),
      verdict: compareRates(runs, baseline),
    },
  };
}

export function presentBucket({ from, failed, ...bucket }: TrendBucket): TrendsView['items'][number] {
  return { ...bucket, from: from.toISOString(), failedRuns: failed };
}

export function presentGroup(group: AnalyticsGroup): GroupView {
  return { ...group, lastFailedAt: group.lastFailedAt.toISOString() };
}

export function presentFlaky({ lastPassedAt, ...pattern }: FlakyPattern): FlakyView {
  const rate = pattern.passesOnSameCommit / pattern.passes;
  return { ...pattern, rate, lastPassedAt: lastPassedAt.toISOString() };
}

function presentRuns(count: RunCount) {
  return { runs: count.runs, failed: count.failed, rate: failureRate(count) };
}
