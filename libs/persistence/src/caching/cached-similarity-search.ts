import { callerScope, EMPTY_FOR_A_MINUTE, hashOf, RequestCacheOutcome } from '@app/cache';
import type { SimilarityConfig } from '@app/config';
import type {
  Cache,
  Log,
  ScopedCacheKey,
  SimilarIncident,
  SimilarityQuery,
  SimilaritySearch,
  StoredEmbedding,
} from '@app/domain';
import type { Metrics } from '@app/telemetry';

const MAX_LIMIT = 100;
const MILLIS_PER_SECOND = 1_000;

type VectorOperation = Extract<ScopedCacheKey['operation'], `vector.${string}`>;

/**
 * Answers from the cache what was searched before by an equal vector, filters and scope. What is kept holds ids, scores
 * and texts, never a vector. The incident that asks is not part of the key: for all that fail alike one search is made.
 */
export class CachedSimilaritySearch implements SimilaritySearch {
  private readonly duration;

  constructor(
    private readonly inner: SimilaritySearch,
    private readonly cache: Cache,
    private readonly config: SimilarityConfig,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.duration = metrics.histogram({
      name: 'vector_search_duration_seconds',
      help: 'Time of a search for similar incidents, from the cache or the database.',
      labelNames: ['kind', 'outcome'],
      buckets: [0.000_1, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    });
  }

  index(incidentId: string, model: string, embedding: Float32Array): Promise<void> {
    return this.inner.index(incidentId, model, embedding);
  }

  indexAlike(incidentId: string, model: string): Promise<boolean> {
    return this.inner.indexAlike(incidentId, model);
  }

  async find(query: SimilarityQuery): Promise<SimilarIncident[]> {
    const startedAt = performance.now();
    const asked = this.withoutAsker(query);
    const key = keyOf(asked);
    const { value, outcome } = await this.cache.getOrLoad(
      key,
      () => this.inner.find(asked),
      EMPTY_FOR_A_MINUTE,
    );
    const found = value
      .filter(({ incidentId }) => incidentId !== query.excludeIncidentId)
      .slice(0, query.limit ?? this.config.limit);
    const tookMs = performance.now() - startedAt;
    RequestCacheOutcome.note(outcome);
    this.duration.observe({ kind: key.operation, outcome }, tookMs / MILLIS_PER_SECOND);
    const facts = { cacheKey: `${key.scope}:${key.id}`, kind: key.operation, results: found.length };
    if (outcome === 'hit' || outcome === 'stale')
      this.log.info({ ...facts, outcome }, 'vector_search_cache_hit');
    else this.log.info({ ...facts, tookMs: Math.round(tookMs * 10) / 10 }, 'vector_search_complete');
    if (outcome === 'miss') void this.tellWhetherKept(key);
    return found;
  }

  embeddingOf(incidentId: string): Promise<StoredEmbedding | null> {
    return this.inner.embeddingOf(incidentId);
  }

  /** One more is asked for instead, and the asker left out afterwards. */
  private withoutAsker(query: SimilarityQuery): SimilarityQuery {
    const { threshold = this.config.threshold, limit = this.config.limit } = query;
    const isWidened = query.excludeIncidentId !== undefined && limit < MAX_LIMIT;
    return {
      ...query,
      threshold,
      limit: isWidened ? limit + 1 : limit,
      excludeIncidentId: isWidened ? undefined : query.excludeIncidentId,
    };
  }

  /** The cache swallows its own trouble: whether it took the value shows when it is asked. */
  private async tellWhetherKept(key: ScopedCacheKey): Promise<void> {
    if (await this.cache.has(key)) return;
    this.log.warn(
      { cacheKey: `${key.scope}:${key.id}`, kind: key.operation },
      'vector_search_cache_set_failed',
    );
  }
}

function keyOf(query: SimilarityQuery): ScopedCacheKey {
  const { projectIds, embedding, ...rest } = query;
  return {
    operation: operationOf(query),
    scope: callerScope(projectIds),
    // A vector of numbers that aren't finite has bytes too: it reaches the search, which refuses it by name.
    id: hashOf({ ...rest, threshold: String(rest.threshold), limit: String(rest.limit), embedding }),
  };
}

function operationOf(query: SimilarityQuery): VectorOperation {
  if (query.withinMs !== undefined) return 'vector.recent';
  return query.resolvedOnly || query.verifiedOnly ? 'vector.resolved' : 'vector.search';
}
