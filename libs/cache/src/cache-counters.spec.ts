import { loadConfig } from '@app/config';
import { Metrics, PinoLog } from '@app/telemetry';
import { describe, expect, it } from 'vitest';
import { createCache } from './create-cache.js';

describe('what a cache tells Prometheus', () => {
  it('hits, misses, evictions and how long its tiers took, by backend', async () => {
    const metrics = new Metrics();
    const { cache, close } = createCache(
      loadConfig({ CACHE_MAX_SIZE: '1' }),
      PinoLog.create({ level: 'silent' }),
      metrics,
    );
    const [first, second] = ['a', 'b'].map((id) => ({ operation: 'agents' as const, id }));
    await cache.set(first!, 1);
    await cache.get(first!);
    await cache.set(second!, 2);
    await cache.get(first!);
    const text = await metrics.registry.metrics();
    for (const line of [
      'cache_hits_total{backend="memory",namespace="agents"} 1',
      'cache_misses_total{backend="memory",namespace="agents"} 1',
      'cache_evictions_total{backend="memory"} 1',
      'cache_operation_duration_seconds_count{backend="memory",operation="get"} 1',
    ])
      expect(text).toContain(line);
    expect(text).toContain('# TYPE cache_errors_total counter');
    expect(text).toContain('# TYPE cache_operation_duration_seconds histogram');
    await close();
  });
});
