import { callerScope, hashOf, RequestCacheOutcome } from '@app/cache';
import type {
  Cache,
  Incident,
  IncidentCatalog,
  IncidentFacets,
  IncidentFilter,
  IncidentStats,
  Page,
  ScopedCacheKey,
} from '@app/domain';

/** Lists, counts and totals from the cache: `search:…`, `facets:…`, `stats:…`, each under the caller's scope. */
export class CachedIncidentCatalog implements IncidentCatalog {
  constructor(
    private readonly inner: IncidentCatalog,
    private readonly cache: Cache,
  ) {}

  search(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>> {
    const id = `${hashOf({ ...withoutScope(filter), limit })}:p${cursor === null ? '1' : hashOf(cursor)}`;
    return this.read({ operation: 'search', scope: callerScope(filter.projectIds), id }, () =>
      this.inner.search(filter, limit, cursor),
    );
  }

  facets(filter: IncidentFilter): Promise<IncidentFacets> {
    return this.read(facetsKey(filter), () => this.inner.facets(filter));
  }

  stats(projectIds: readonly string[] | null): Promise<IncidentStats> {
    return this.read(statsKey(projectIds), () => this.inner.stats(projectIds));
  }

  private async read<T>(key: ScopedCacheKey, load: () => Promise<T>): Promise<T> {
    const { value, outcome } = await this.cache.getOrLoad(key, load);
    RequestCacheOutcome.note(outcome);
    return value;
  }
}

/** `facets:{scope}:all` without a filter, `facets:{scope}:{filter_hash}` with one. */
export function facetsKey(filter: IncidentFilter): ScopedCacheKey {
  const rest = withoutScope(filter);
  const isUnfiltered = Object.values(rest).every((value) => value === undefined);
  return {
    operation: 'facets',
    scope: callerScope(filter.projectIds),
    id: isUnfiltered ? 'all' : hashOf(rest),
  };
}

/** `stats:all:global` of all projects, `stats:{scope}:{project_id}` of one, `stats:{scope}:global` of several. */
export function statsKey(projectIds: readonly string[] | null): ScopedCacheKey {
  const id = projectIds?.length === 1 ? projectIds[0]! : 'global';
  return { operation: 'stats', scope: callerScope(projectIds), id };
}

/** The rest of a filter, whose scope the key says beside it. */
function withoutScope(filter: IncidentFilter): Omit<IncidentFilter, 'projectIds'> {
  return { ...filter, projectIds: undefined } as Omit<IncidentFilter, 'projectIds'>;
}
