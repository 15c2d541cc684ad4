import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.js';

const configuration = {
  name: 'wait_seconds',
  help: 'How long.',
  labelNames: ['backend', 'operation'] as const,
  buckets: [0.001, 0.01, 0.1],
};

describe('LightHistogram', () => {
  it('is read as prom-client’s own', async () => {
    const metrics = new Metrics();
    const registry = new Registry();
    const theirs = new Histogram({
      ...configuration,
      labelNames: [...configuration.labelNames],
      buckets: [...configuration.buckets],
      registers: [registry],
    });
    const ours = metrics.lightHistogram(configuration);
    for (const [operation, seconds] of [
      ['get', 0.0005],
      ['get', 0.001],
      ['get', 0.05],
      ['get', 7],
      ['set', 0.002],
    ] as const) {
      ours.of({ backend: 'redis', operation }).observe(seconds);
      theirs.observe({ backend: 'redis', operation }, seconds);
    }
    expect((await metrics.registry.metrics()).trim()).toBe((await registry.metrics()).trim());
  });

  it('is one for all who name it', async () => {
    const metrics = new Metrics();
    for (let each = 0; each < 2; each += 1)
      metrics.lightHistogram(configuration).of({ backend: 'memory', operation: 'get' }).observe(1);
    expect(await metrics.registry.metrics()).toContain(
      'wait_seconds_count{backend="memory",operation="get"} 2',
    );
  });
});
