import { RequestCacheOutcome } from '@app/cache';
import { loadConfig } from '@app/config';
import type { SimilarIncident, SimilarityQuery, SimilaritySearch, StoredEmbedding } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { CachedSimilaritySearch } from './cached-similarity-search.js';

function found(incidentId: string): SimilarIncident {
  return {
    incidentId,
    projectId: 'p',
    score: 0.9,
    category: null,
    rootCause: 'cause',
    solution: null,
    resolved: true,
    verified: false,
  };
}

/** Answers as many as are asked for, and counts. */
class CountingSearch implements SimilaritySearch {
  asked: SimilarityQuery[] = [];
  async index(): Promise<void> {}
  async indexAlike(): Promise<boolean> {
    return false;
  }
  async find(query: SimilarityQuery): Promise<SimilarIncident[]> {
    this.asked.push(query);
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].filter((id) => id !== query.excludeIncidentId);
    return ids.slice(0, query.limit).map(found);
  }
  async embeddingOf(): Promise<StoredEmbedding | null> {
    return null;
  }
}

describe('CachedSimilaritySearch', () => {
  let inner: CountingSearch;
  let cache: FakeCache;
  let log: RecordingLog;
  let metrics: Metrics;
  let search: CachedSimilaritySearch;
  beforeEach(() => {
    inner = new CountingSearch();
    cache = new FakeCache();
    log = new RecordingLog();
    metrics = new Metrics();
    search = new CachedSimilaritySearch(inner, cache, loadConfig({}).similarity, log, metrics);
  });

  const embedding = Float32Array.of(0.5, 0.25);
  const query: SimilarityQuery = { projectIds: ['p', 'q'], embedding, text: 'a text', model: 'm' };
  const ids = async (changes: Partial<SimilarityQuery> = {}): Promise<string[]> =>
    (await search.find({ ...query, ...changes })).map(({ incidentId }) => incidentId);

  it('searches once for an equal vector, however the projects are ordered', async () => {
    expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await ids({ projectIds: ['q', 'p'], embedding: embedding.slice() })).toHaveLength(5);
    expect(inner.asked).toHaveLength(1);
  });

  it('shares one search between all that fail alike, none of which finds itself', async () => {
    expect(await ids({ excludeIncidentId: 'b' })).toEqual(['a', 'c', 'd', 'e', 'f']);
    expect(await ids({ excludeIncidentId: 'x' })).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(inner.asked).toHaveLength(1);
    expect(await ids({ excludeIncidentId: 'b', limit: 100 })).toEqual(['a', 'c', 'd', 'e', 'f', 'g']);
  });

  it.each<[string, Partial<SimilarityQuery>]>([
    ['other projects', { projectIds: ['p'] }],
    ['all projects', { projectIds: null }],
    ['another vector', { embedding: Float32Array.of(0.5, 0.250_001) }],
    ['another text', { text: 'another' }],
    ['another embedder', { model: 'n' }],
    ['a category', { category: 'network' }],
    ['resolved ones', { resolvedOnly: true }],
    ['verified ones', { verifiedOnly: true }],
    ['recent ones', { withinMs: 1_000 }],
    ['another threshold', { threshold: 0.71 }],
    ['another limit', { limit: 6 }],
  ])('searches anew for %s', async (_, changes) => {
    await ids();
    await ids(changes);
    expect(inner.asked).toHaveLength(2);
  });

  it.each([
    ['vector.search', {}],
    ['vector.resolved', { resolvedOnly: true }],
    ['vector.resolved', { verifiedOnly: true }],
    ['vector.recent', { withinMs: 60_000, resolvedOnly: true }],
  ] as const)('keeps %s', async (operation, changes) => {
    await ids(changes);
    expect(cache.ids(operation)).toHaveLength(1);
  });

  it('believes for a minute that there is nothing, and for hours what was found', async () => {
    let now = 0;
    cache = new FakeCache(() => now);
    search = new CachedSimilaritySearch(inner, cache, loadConfig({}).similarity, log, metrics);
    const find = vi.spyOn(inner, 'find').mockResolvedValueOnce([]);
    expect(await ids()).toEqual([]);
    now = 59_999;
    expect(await ids()).toEqual([]);
    now = 60_000;
    expect(await ids()).toHaveLength(5);
    now += 3_600_000;
    await ids();
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('keeps no vector', async () => {
    const set = vi.spyOn(cache, 'set');
    await ids();
    expect(set).toHaveBeenCalledOnce();
    const kept = set.mock.calls[0]![1] as SimilarIncident[];
    expect(Object.keys(kept[0]!)).toEqual(Object.keys(found('a')));
    expect(JSON.stringify(kept)).not.toContain('0.25');
  });

  it('tells of searches and hits, counts their time, and says how a request was answered', async () => {
    const answers = await RequestCacheOutcome.run(async () => {
      await ids();
      const first = RequestCacheOutcome.current();
      return [first, await RequestCacheOutcome.run(async () => (await ids(), RequestCacheOutcome.current()))];
    });
    expect(answers).toEqual(['miss', 'hit']);
    expect(log.of('vector_search_complete')).toMatchObject([{ kind: 'vector.search', results: 5 }]);
    expect(log.of('vector_search_cache_hit')).toMatchObject([{ kind: 'vector.search', outcome: 'hit' }]);
    expect(log.of('vector_search_cache_set_failed')).toEqual([]);
    expect(await metrics.registry.metrics()).toContain(
      'vector_search_duration_seconds_count{kind="vector.search",outcome="hit"} 1',
    );
  });

  it('says that the cache did not take what was found', async () => {
    cache.away = true;
    expect(await ids()).toHaveLength(5);
    await vi.waitFor(() => expect(log.of('vector_search_cache_set_failed')).toHaveLength(1), {
      timeout: 10_000,
    });
  });

  it('leaves it to the search to refuse what is none', async () => {
    await expect(ids({ embedding: Float32Array.of(NaN, 1), threshold: NaN })).resolves.toHaveLength(5);
    expect(inner.asked).toHaveLength(1);
  });
});
