import { loadConfig } from '@app/config';
import type { Cache, Log } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cached } from './cached.decorator.js';
import { createCache } from './create-cache.js';

const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };

class Statistics {
  asked: string[] = [];

  constructor(readonly cache: Cache) {}

  @Cached({
    operation: 'stats',
    scope: (projectId: string, _day: number) => projectId,
    key: (_projectId: string, day: number) => `${day}`,
    ttlMs: 1_000,
  })
  async ofDay(projectId: string, day: number): Promise<{ runs: number }> {
    this.asked.push(`${projectId} ${day}`);
    if (day < 0) throw new Error('no such day');
    return { runs: day };
  }
}

describe('@Cached', () => {
  let nowMs: number;
  let statistics: Statistics;

  beforeEach(() => {
    nowMs = 1_764_000_000_000;
    statistics = new Statistics(createCache(loadConfig({}), log, new Metrics(), { now: () => nowMs }).cache);
  });

  it('runs the method once for equal keys, and again for others', async () => {
    expect(await statistics.ofDay('a', 1)).toEqual({ runs: 1 });
    expect(await statistics.ofDay('a', 1)).toEqual({ runs: 1 });
    expect(await statistics.ofDay('a', 2)).toEqual({ runs: 2 });
    expect(statistics.asked).toEqual(['a 1', 'a 2']);
    expect(await statistics.cache.has({ operation: 'stats', scope: 'a', id: '1' })).toBe(true);
  });

  it('keeps an answer for its lifetime, and no error', async () => {
    await statistics.ofDay('a', 1);
    nowMs += 1_001;
    await statistics.ofDay('a', 1);
    await expect(statistics.ofDay('a', -1)).rejects.toThrow('no such day');
    await expect(statistics.ofDay('a', -1)).rejects.toThrow('no such day');
    expect(statistics.asked).toEqual(['a 1', 'a 1', 'a -1', 'a -1']);
  });
});
