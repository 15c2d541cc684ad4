import { loadConfig } from '@app/config';
import type { Log } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { describe, expect, it } from 'vitest';
import { createCache } from './create-cache.js';
import { WarmUp, type WarmUpSource } from './warm-up.js';

describe('WarmUp', () => {
  it('loads what is not cached yet, and goes on when a source fails', async () => {
    const events: string[] = [];
    const note = (_fields: unknown, event: string): void => void events.push(event);
    const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
    const { cache } = createCache(loadConfig({}), log, new Metrics());
    await cache.set({ operation: 'agents', id: '1' }, 'known');
    const agents: WarmUpSource = {
      name: 'active_agents',
      entries: async () =>
        Array.from({ length: 10 }, (_, id) => ({
          key: { operation: 'agents', id: `${id}` } as const,
          load: async () => `agent ${id}`,
        })),
    };
    const broken: WarmUpSource = {
      name: 'open_channels',
      entries: () => Promise.reject(new Error('no database')),
    };
    expect(await new WarmUp(cache, log).run([broken, agents])).toBe(9);
    expect(await cache.get({ operation: 'agents', id: '1' })).toBe('known');
    expect(await cache.get({ operation: 'agents', id: '9' })).toBe('agent 9');
    expect(events).toEqual(['cache_warm_up_failed', 'cache_warmed']);
    expect(await new WarmUp(cache, log).run([agents])).toBe(0);
  });
});
