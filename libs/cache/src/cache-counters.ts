import type { CacheStats } from '@app/domain';
import type { Metrics } from '@app/telemetry';

type Counted = Omit<CacheStats, 'backend' | 'redisConnected'>;

/** Counts what a cache did, for its statistics and for Prometheus. */
export class CacheCounters {
  private readonly counted = { hits: 0, misses: 0, sets: 0, deletes: 0, errors: 0 };
  private readonly hitsTotal;
  private readonly missesTotal;
  private readonly errorsTotal;
  private readonly evictionsTotal;
  private readonly refusedTotal;

  constructor(
    metrics: Metrics,
    private readonly backend: 'memory' | 'redis',
  ) {
    this.hitsTotal = metrics.counter({
      name: 'cache_hits_total',
      help: 'Reads answered by the cache.',
      labelNames: ['backend', 'namespace'],
    });
    this.missesTotal = metrics.counter({
      name: 'cache_misses_total',
      help: 'Reads the cache had no fresh value for, those included that failed.',
      labelNames: ['backend', 'namespace'],
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
  }

  hit(namespace: string): void {
    this.counted.hits += 1;
    this.hitsTotal.inc({ backend: this.backend, namespace });
  }

  miss(namespace: string): void {
    this.counted.misses += 1;
    this.missesTotal.inc({ backend: this.backend, namespace });
  }

  set(count = 1): void {
    this.counted.sets += count;
  }

  deleted(count: number): void {
    this.counted.deletes += count;
  }

  error(operation: string): void {
    this.counted.errors += 1;
    this.errorsTotal.inc({ backend: this.backend, operation });
  }

  evicted(): void {
    this.evictionsTotal.inc({ backend: this.backend });
  }

  refused(namespace: string, reason: 'too_large' | 'not_cacheable'): void {
    this.refusedTotal.inc({ backend: this.backend, namespace, reason });
  }

  read(): Counted {
    return { ...this.counted };
  }
}
