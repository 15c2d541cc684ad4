import { describe, expect, it } from 'vitest';
import { HealthChecks, type HealthPart } from './health-checks.js';

const part = (name: string, essential: boolean, ok: boolean): HealthPart => ({
  name,
  essential,
  check: async () => ({ ok, latencyMs: 1.23 }),
});

describe('HealthChecks', () => {
  it('is ok when every part is', async () => {
    const health = await new HealthChecks([part('database', true, true), part('cache', false, true)]).run();
    expect(health).toEqual({
      status: 'ok',
      parts: {
        database: { state: 'ok', latencyMs: 1.2, detail: null },
        cache: { state: 'ok', latencyMs: 1.2, detail: null },
      },
    });
  });

  it('is only degraded without a part that work can do without', async () => {
    const health = await new HealthChecks([part('database', true, true), part('cache', false, false)]).run();
    expect(health.status).toBe('degraded');
  });

  it('is down without the database, and says why a check threw', async () => {
    const broken: HealthPart = {
      name: 'database',
      essential: true,
      check: () => Promise.reject(new Error('refused')),
    };
    const health = await new HealthChecks([broken, part('cache', false, false)]).run();
    expect(health.status).toBe('down');
    expect(health.parts['database']).toEqual({ state: 'down', latencyMs: null, detail: 'refused' });
  });
});
