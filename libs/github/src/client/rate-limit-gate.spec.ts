import { describe, expect, it, vi } from 'vitest';
import type { Cache } from '@app/domain';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { LONGEST_WAIT_MS, RateLimitGate, rateLimitKey, type RateLimitStatus } from './rate-limit-gate.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const refusal = new Headers({ 'retry-after': '60' });
const plenty = new Headers({
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': '4990',
  'x-ratelimit-reset': String(NOW.getTime() / 1_000 + 3_000),
});

const gateOf = (cache: Cache | null = null) => new RateLimitGate('github', cache, new RecordingLog());

describe('RateLimitGate', () => {
  it('stays shut when an answer arrives that was on its way before the limit was met', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
    try {
      const gate = gateOf();
      await gate.enter();
      await gate.enter();
      await gate.left(403, refusal);
      await gate.left(200, plenty);

      expect(await gate.enter()).toBe(60_000);
      vi.setSystemTime(NOW.getTime() + 60_000);
      expect(await gate.enter()).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps the block of another process in what it shares', async () => {
    const cache = new FakeCache();
    const [blocked, free] = [gateOf(cache), gateOf(cache)];
    await free.enter();
    await blocked.enter();
    await blocked.left(403, refusal);
    await free.left(200, plenty);

    const shared = await cache.get<RateLimitStatus>(rateLimitKey('github'));
    expect(shared).toMatchObject({ blockedBy: 'secondary', remaining: 4990 });
    expect(await gateOf(cache).enter()).toBeGreaterThan(LONGEST_WAIT_MS);
  });
});
