import type { CacheNamespaceStats, CacheStats } from '@app/domain';
import type { LightHistogram, Metrics, Observations } from '@app/telemetry';

export type Backend = 'memory' | 'redis';
type Counted = Pick<CacheStats, 'hits' | 'misses' | 'sets' | 'deletes' | 'errors' | 'namespaces'>;
type OwnStats = { -readonly [P in keyof CacheNamespaceStats]: CacheNamespaceStats[P] };

interface NamespaceCount extends OwnStats {
  readonly hitsOf: Record<Backend, number>;
  /** What Prometheus was told of it. */
  readonly told: Record<Backend | 'misses', number>;
}

/** Seconds: from what a hit in memory takes to twice what a call may take. */
const LATENCY_BUCKETS = [
  0.000_005, 0.000_025, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
] as const;
const MS_PER_S = 1_000;

/** Caches that count into one registry: Prometheus asks, and each tells what is new. */
const tellers = new WeakMap<Metrics, Set<CacheCounters>>();

/**
 * Counts what a cache did, for its statistics and for Prometheus. A hit in memory takes about a microsecond, so that
 * counting it may not: hits and misses are plain numbers until somebody reads the metrics.
 */
export class CacheCounters {
  private readonly namespaces = new Map<string, NamespaceCount>();
  private errors = 0;
  private readonly hitsTotal;
  private readonly missesTotal;
  private readonly errorsTotal;
  private readonly evictionsTotal;
  private readonly refusedTotal;
  private readonly latency: LightHistogram<'backend' | 'operation'>;
  private readonly latencies = {
    memory: new Map<string, Observations>(),
    redis: new Map<string, Observations>(),
  };

  /** @param lowest the tier that a miss is counted for: the last that was asked */
  constructor(
    metrics: Metrics,
    private readonly lowest: Backend,
  ) {
    const others = tellers.get(metrics) ?? new Set<CacheCounters>();
    tellers.set(metrics, others.add(this));
    const collect = (): void => others.forEach((counters) => counters.tell());
    this.hitsTotal = metrics.counter({
      name: 'cache_hits_total',
      help: 'Reads answered by the cache.',
      labelNames: ['backend', 'namespace'],
      collect,
    });
    this.missesTotal = metrics.counter({
      name: 'cache_misses_total',
      help: 'Reads the cache had no fresh value for, those included that failed.',
      labelNames: ['backend', 'namespace'],
      collect,
    });
    this.errorsTotal = metrics.counter({
      name: 'cache_errors_total',
      help: 'Calls of the backing store that failed, were too slow or were not tried because it is away.',
      labelNames: ['backend', 'operation'],
    });
    this.evictionsTotal = metrics.counter({
      name: 'cache_evictions_total',
      help: 'Entries dropped to make room.',
      labelNames: ['backend'],
    });
    this.refusedTotal = metrics.counter({
      name: 'cache_values_refused_total',
      help: 'Values that were not stored.',
      labelNames: ['backend', 'namespace', 'reason'],
    });
    this.latency = metrics.lightHistogram({
      name: 'cache_operation_duration_seconds',
      help: 'How long the tiers took: hits in memory, and calls of Redis whatever came of them.',
      labelNames: ['backend', 'operation'],
      buckets: LATENCY_BUCKETS,
    });
  }

  /** A tier was asked, and answered or failed after so long. */
  took(backend: Backend, operation: string, ms: number): void {
    let observations = this.latencies[backend].get(operation);
    if (observations === undefined) {
      observations = this.latency.of({ backend, operation });
      this.latencies[backend].set(operation, observations);
    }
    observations.observe(ms / MS_PER_S);
  }

  hit(namespace: string, backend: Backend): void {
    const count = this.of(namespace);
    count.hits += 1;
    count.hitsOf[backend] += 1;
  }

  miss(namespace: string): void {
    this.of(namespace).misses += 1;
  }

  set(namespace: string, bytes: number): void {
    const count = this.of(namespace);
    count.sets += 1;
    count.bytesStored += bytes;
  }

  deleted(namespace: string, deleted: number): void {
    if (deleted > 0) this.of(namespace).deletes += deleted;
  }

  /** A call of Redis that failed, or an entry of it that couldn't be read. */
  error(operation: string): void {
    this.errors += 1;
    this.errorsTotal.inc({ backend: 'redis', operation });
  }

  /** The memory tier made room. */
  evicted(): void {
    this.evictionsTotal.inc({ backend: 'memory' });
  }

  refused(namespace: string, reason: 'too_large' | 'not_cacheable' | 'full'): void {
    this.refusedTotal.inc({ backend: this.lowest, namespace, reason });
  }

  read(): Counted {
    const sum = { hits: 0, misses: 0, sets: 0, deletes: 0, errors: this.errors };
    const namespaces: Record<string, CacheNamespaceStats> = {};
    for (const [namespace, { hits, misses, sets, deletes, bytesStored }] of this.namespaces) {
      namespaces[namespace] = { hits, misses, sets, deletes, bytesStored };
      sum.hits += hits;
      sum.misses += misses;
      sum.sets += sets;
      sum.deletes += deletes;
    }
    return { ...sum, namespaces };
  }

  private of(namespace: string): NamespaceCount {
    const known = this.namespaces.get(namespace);
    if (known) return known;
    const count: NamespaceCount = {
      hits: 0,
      misses: 0,
      sets: 0,
      deletes: 0,
      bytesStored: 0,
      hitsOf: { memory: 0, redis: 0 },
      told: { memory: 0, redis: 0, misses: 0 },
    };
    this.namespaces.set(namespace, count);
    return count;
  }

  private tell(): void {
    for (const [namespace, { hitsOf, misses, told }] of this.namespaces) {
      for (const backend of ['memory', 'redis'] as const) {
        if (hitsOf[backend] > told[backend])
          this.hitsTotal.inc({ backend, namespace }, hitsOf[backend] - told[backend]);
        told[backend] = hitsOf[backend];
      }
      if (misses > told.misses)
        this.missesTotal.inc({ backend: this.lowest, namespace }, misses - told.misses);
      told.misses = misses;
    }
  }
}
