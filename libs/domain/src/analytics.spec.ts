import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsBefore, boundsOf, bucketsOf, compareRates, failureRate } from './analytics.js';

const DAY_MS = 86_400_000;
const at = (text: string) => new Date(text);

describe('periods', () => {
  it('reach back from now, or from one moment to another', () => {
    const now = at('2026-11-20T12:00:00Z');
    expect(boundsOf({ days: 7 }, now)).toEqual({ from: at('2026-11-13T12:00:00Z'), to: now });
    const fixed = { from: at('2026-01-01T00:00:00Z'), to: at('2026-02-01T00:00:00Z') };
    expect(boundsOf(fixed, now)).toEqual(fixed);
    expect(boundsBefore(fixed)).toEqual({ from: at('2025-12-01T00:00:00Z'), to: fixed.from });
  });

  it('touch weeks from Monday on', () => {
    const bounds = { from: at('2026-11-18T09:00:00Z'), to: at('2026-11-30T00:00:00.001Z') };
    expect(bucketsOf(bounds, 'week').map((start) => start.toISOString().slice(0, 10))).toEqual([
      '2026-11-16',
      '2026-11-23',
      '2026-11-30',
    ]);
  });

  it('are covered by their days without a gap, and by none too many', () => {
    const moment = fc.integer({ min: 0, max: 4_000 * DAY_MS });
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 60 * DAY_MS }), (start, length) => {
        const bounds = { from: new Date(start), to: new Date(start + length) };
        const days = bucketsOf(bounds, 'day').map((day) => day.getTime());
        expect(days[0]).toBeLessThanOrEqual(start);
        expect(days[0]! + DAY_MS).toBeGreaterThan(start);
        expect(days.at(-1)).toBeLessThan(start + length);
        expect(days.at(-1)! + DAY_MS).toBeGreaterThanOrEqual(start + length);
        days.slice(1).forEach((day, index) => expect(day - days[index]!).toBe(DAY_MS));
      }),
    );
  });
});

describe('failure rates', () => {
  it.each([
    [{ runs: 0, failed: 0 }, { runs: 500, failed: 10 }, 'unknown'],
    [{ runs: 9, failed: 9 }, { runs: 500, failed: 10 }, 'unknown'],
    [{ runs: 100, failed: 12 }, { runs: 100, failed: 10 }, 'usual'],
    [{ runs: 100, failed: 30 }, { runs: 400, failed: 40 }, 'worse'],
    [{ runs: 200, failed: 4 }, { runs: 200, failed: 30 }, 'better'],
    [{ runs: 50, failed: 0 }, { runs: 50, failed: 0 }, 'usual'],
    [{ runs: 50, failed: 50 }, { runs: 50, failed: 50 }, 'usual'],
  ] as const)('%j after %j is %s', (now, before, verdict) => {
    expect(compareRates(now, before)).toBe(verdict);
  });

  it('are not known without runs', () => {
    expect(failureRate({ runs: 0, failed: 0 })).toBeNull();
    expect(failureRate({ runs: 4, failed: 1 })).toBe(0.25);
  });

  it('say the opposite the other way round', () => {
    const count = fc
      .integer({ min: 0, max: 300 })
      .chain((runs) => fc.integer({ min: 0, max: runs }).map((failed) => ({ runs, failed })));
    const opposite = { unknown: 'unknown', usual: 'usual', worse: 'better', better: 'worse' } as const;
    fc.assert(
      fc.property(count, count, (a, b) => {
        expect(compareRates(b, a)).toBe(opposite[compareRates(a, b)]);
      }),
    );
  });
});
