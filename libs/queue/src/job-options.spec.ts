import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalFailure } from '@app/domain';
import { backoff } from './job-options.js';

const asked = (retryAfterMs: number): ExternalFailure =>
  new ExternalFailure('slow down', { code: 'rate_limited', retryable: true, retryAfterMs });

describe('backoff', () => {
  it('doubles with each attempt, up to ten minutes', () => {
    const delays = backoff(1_000, () => 0);
    expect([1, 2, 3, 4, 50].map((attempt) => delays(attempt))).toEqual([1_000, 2_000, 4_000, 8_000, 600_000]);
  });

  it('is between half and all of that, so that failures spread', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const full = backoff(500, () => 0)(attempt) as number;
          const delay = backoff(500, () => random)(attempt) as number;
          expect(delay).toBeGreaterThanOrEqual(full / 2);
          expect(delay).toBeLessThanOrEqual(full);
        },
      ),
    );
  });

  it('waits at least as long as the other side asked for', () => {
    const delays = backoff(1_000, () => 0);
    expect(delays(1, 'product', asked(60_000))).toBe(60_000);
    expect(delays(3, 'product', asked(10))).toBe(4_000);
    expect(delays(1, 'product', new Error('x'))).toBe(1_000);
  });
});
