import { describe, expect, it } from 'vitest';
import { SustainedBreaker } from './sustained-breaker.js';

function breakerAt(): { readonly breaker: SustainedBreaker; at(moment: number): SustainedBreaker } {
  let now = 0;
  const breaker = new SustainedBreaker({ failures: 3, overMs: 100, askAgainAfterMs: 300 }, () => now);
  return {
    breaker,
    at: (moment) => {
      now = moment;
      return breaker;
    },
  };
}

/** Fails at each moment; answers each time whether it broke. */
function failingAt(moments: readonly number[], succeedBefore?: number): boolean[] {
  const { breaker, at } = breakerAt();
  return moments.map((moment) => {
    if (moment === succeedBefore) at(moment).succeeded('call');
    return at(moment) === breaker && breaker.failed('call');
  });
}

function broken(): ReturnType<typeof breakerAt> {
  const made = breakerAt();
  for (const moment of [0, 50, 100]) made.at(moment).failed('call');
  return made;
}

describe('SustainedBreaker', () => {
  it('breaks after failures in a row that last', () => {
    expect(failingAt([0, 40, 80, 120])).toEqual([false, false, false, true]);
    expect(failingAt([0, 500])).toEqual([false, false]);
  });

  it('takes failures of one moment for one', () => {
    expect(failingAt([5, 5, 5, 5, 6])).toEqual([false, false, false, false, false]);
  });

  it('begins anew after a success', () => {
    expect(failingAt([0, 40, 120, 160], 120)).toEqual([false, false, false, false]);
  });

  it('lets nobody through for a while, then one who asks', () => {
    const { breaker, at } = broken();
    expect(at(399).admit()).toBeNull();
    expect(at(400).admit()).toBe('probe');
    expect(breaker.admit()).toBeNull();
  });

  it('is mended by the answer of the one who asked, and by no other', () => {
    const { breaker, at } = broken();
    expect(at(400).admit()).toBe('probe');
    expect(breaker.succeeded('call')).toBe(false);
    expect(breaker.admit()).toBeNull();
    expect(breaker.succeeded('probe')).toBe(true);
    expect(breaker.admit()).toBe('call');
    expect([breaker.failed('call'), breaker.failed('call')]).toEqual([false, false]);
  });

  it('waits as long again when the one who asked had no answer', () => {
    const { breaker, at } = broken();
    at(400).admit();
    expect(at(450).failed('probe')).toBe(true);
    expect(at(749).admit()).toBeNull();
    expect(at(750).admit()).toBe('probe');
    expect(breaker.admit()).toBeNull();
  });

  it('does not wait longer for calls that were under way when it broke', () => {
    const { at } = broken();
    expect(at(390).failed('call')).toBe(false);
    expect(at(400).admit()).toBe('probe');
  });
});
