import type { CacheSavings } from '@app/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface SavingsUnderTest {
  readonly savings: CacheSavings;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** What every CacheSavings does. */
export function cacheSavingsContract(
  name: string,
  create: (now: () => number) => Promise<SavingsUnderTest>,
): void {
  describe(`CacheSavings: ${name}`, () => {
    let sut: SavingsUnderTest;
    let nowMs: number;

    beforeEach(async () => {
      nowMs = Date.UTC(2026, 10, 21, 23, 59);
      sut = await create(() => nowMs);
    });
    afterEach(() => sut.close());

    it('adds up dollars, milliseconds and calls by namespace and day', async () => {
      sut.savings.record('llm:classify', { costUsd: 0.25, latencyMs: 900, calls: 1 });
      sut.savings.record('llm:classify', { costUsd: 0.5, latencyMs: 100, calls: 1 });
      sut.savings.record('facets', {});
      nowMs += DAY_MS;
      sut.savings.record('llm:classify', { calls: 2 });
      expect(await sut.savings.ofDay('2026-11-21')).toEqual({
        'llm:classify': { hits: 2, costUsd: 0.75, latencyMs: 1_000, calls: 2 },
        facets: { hits: 1, costUsd: 0, latencyMs: 0, calls: 0 },
      });
      expect(await sut.savings.ofDay('2026-11-22')).toEqual({
        'llm:classify': { hits: 1, costUsd: 0, latencyMs: 0, calls: 2 },
      });
      expect(await sut.savings.ofDay('2026-11-23')).toEqual({});
    });

    it('loses no part of a micro-dollar that others complete', async () => {
      for (let hit = 0; hit < 100; hit += 1) {
        sut.savings.record('llm:embedding', { costUsd: 0.000_000_35, latencyMs: 0.25 });
        await sut.savings.ofDay('2026-11-21');
      }
      const { 'llm:embedding': saved } = await sut.savings.ofDay('2026-11-21');
      expect(saved!.hits).toBe(100);
      expect(saved!.costUsd).toBeCloseTo(0.000_035, 9);
      expect(saved!.latencyMs).toBeCloseTo(25, 6);
    });
  });
}
