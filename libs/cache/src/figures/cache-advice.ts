import type { CacheFigures, CacheNamespaceStats } from '@app/domain';

/** What the cache is to reach; below, somebody should look. */
export const CACHE_TARGETS = { hit_rate_percent: 60, error_rate_percent: 1 } as const;
/** Rates of fewer reads say nothing. */
const LEAST_READS = 200;
/** The memory tier is called full from here on. */
const FULL_SHARE = 0.95;

/** What whoever runs the product may do for the cache, in one sentence. */
export function cacheAdvice(figures: CacheFigures): string {
  const { backend, hits, misses, errors, memory, redisConnected } = figures;
  const reads = hits + misses;
  if (backend !== 'memory' && !redisConnected)
    return 'Redis is away: every process caches for itself alone. `npm run cli -- doctor` says what is wrong.';
  if (errors > 0 && percentOf(errors, reads + errors) > CACHE_TARGETS.error_rate_percent)
    return `${errors} calls of Redis failed or were too slow: look at its latency, and at CACHE_OPERATION_DEADLINE_MS.`;
  if (reads < LEAST_READS) return `Only ${reads} reads so far: too few to say anything.`;
  if (percentOf(hits, reads) >= CACHE_TARGETS.hit_rate_percent) return 'Nothing to do: the targets are met.';
  if (memory && memory.entries >= memory.maxEntries * FULL_SHARE)
    return `The memory tier is full (${memory.entries} of ${memory.maxEntries} entries): raise CACHE_MAX_SIZE.`;
  const worst = mostMissed(figures.namespaces);
  return `Most misses are in ${worst.namespace} (${worst.misses} of ${worst.reads} reads): if its values change seldom, raise its lifetime.`;
}

function mostMissed(namespaces: Readonly<Record<string, CacheNamespaceStats>>) {
  return Object.entries(namespaces)
    .map(([namespace, { hits, misses }]) => ({ namespace, misses, reads: hits + misses }))
    .reduce((worst, each) => (each.misses > worst.misses ? each : worst));
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}
