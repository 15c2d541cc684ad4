import { callerScope, hashOf, RequestCacheOutcome } from '@app/cache';
import type {
  AnalyticsGroup,
  AnalyticsGrouping,
  AnalyticsOverview,
  AnalyticsScope,
  Cache,
  FlakyPattern,
  GroupOrder,
  IncidentAnalytics,
  TrendBucket,
  TrendInterval,
} from '@app/domain';

/** Figures from the cache: `analytics:{scope}:{report}:{hash}`. */
export class CachedIncidentAnalytics implements IncidentAnalytics {
  constructor(
    private readonly inner: IncidentAnalytics,
    private readonly cache: Cache,
  ) {}

  overview(scope: AnalyticsScope): Promise<AnalyticsOverview> {
    return this.read('overview', scope, {}, () => this.inner.overview(scope));
  }

  trends(scope: AnalyticsScope, interval: TrendInterval): Promise<readonly TrendBucket[]> {
    return this.read('trends', scope, { interval }, () => this.inner.trends(scope, interval));
  }

  groups(
    scope: AnalyticsScope,
    by: AnalyticsGrouping,
    order: GroupOrder,
    limit: number,
  ): Promise<readonly AnalyticsGroup[]> {
    return this.read('groups', scope, { by, order, limit }, () => this.inner.groups(scope, by, order, limit));
  }

  flaky(scope: AnalyticsScope, limit: number): Promise<readonly FlakyPattern[]> {
    return this.read('flaky', scope, { limit }, () => this.inner.flaky(scope, limit));
  }

  private async read<T>(
    report: string,
    { projectIds, period }: AnalyticsScope,
    asked: Readonly<Record<string, string | number>>,
    load: () => Promise<T>,
  ): Promise<T> {
    const id = `${report}:${hashOf({ ...asked, period })}`;
    const key = { operation: 'analytics', scope: callerScope(projectIds), id } as const;
    const { value, outcome } = await this.cache.getOrLoad(key, load);
    RequestCacheOutcome.note(outcome);
    return value;
  }
}
