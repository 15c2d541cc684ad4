import { describe, expect, it } from 'vitest';
import { SustainedBreaker } from './sustained-breaker.js';

/** Fails at each moment; answers each time whether it broke. */
function at(moments: readonly number[], succeedBefore?: number): boolean[] {
  let now = 0;
  const breaker = new SustainedBreaker({ failures: 3, overMs: 100 }, () => now);
  return moments.map((moment) => {
    now = moment;
    if (moment === succeedBefore) breaker.success();
    return breaker.failure();
  });
}

describe('SustainedBreaker', () => {
  it('breaks after failures in a row that last', () => {
    expect(at([0, 40, 80, 120])).toEqual([false, false, false, true]);
    expect(at([0, 500])).toEqual([false, false]);
  });

  it('takes failures of one moment for one', () => {
    expect(at([5, 5, 5, 5, 6])).toEqual([false, false, false, false, false]);
  });

  it('begins anew after a success', () => {
    expect(at([0, 40, 120, 160], 120)).toEqual([false, false, false, false]);
  });
});
