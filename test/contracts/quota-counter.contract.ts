import { randomUUID } from 'node:crypto';
import { InvalidInput, QUOTA_TYPES, type CostCounter, type QuotaCounter } from '@app/domain';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeEventBus } from '../fakes/fake-event-bus.js';

export interface CountersUnderTest {
  readonly quotas: QuotaCounter;
  readonly costs: CostCounter;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 29, 12);
const amounts = fc.integer({ min: 1, max: 5 });
const limits = fc.option(fc.integer({ min: 0, max: 12 }), { nil: null });

/** What every QuotaCounter and CostCounter does. */
export function countersContract(
  name: string,
  create: (now: () => number, eventBus: FakeEventBus) => Promise<CountersUnderTest>,
  eventBus: FakeEventBus,
): void {
  describe(`QuotaCounter and CostCounter: ${name}`, () => {
    let sut: CountersUnderTest;
    let nowMs = NOON;

    beforeAll(async () => {
      sut = await create(() => nowMs, eventBus);
    });
    beforeEach(() => {
      nowMs = NOON;
      eventBus.published.length = 0;
    });
    afterAll(() => sut.close());

    it('counts as the plain model does, by day and month, and never past a limit', async () => {
      const steps = fc.array(
        fc.record({ amount: amounts, hours: fc.constantFrom(0, 0, 0, 5, 13, 24), back: fc.boolean() }),
        { minLength: 1, maxLength: 40 },
      );
      await fc.assert(
        fc.asyncProperty(limits, limits, steps, async (daily, monthly, asked) => {
          nowMs = NOON;
          const subject = randomUUID();
          const passed: { at: Date; amount: number }[] = [];
          const sumOf = (length: number): number =>
            passed
              .filter(
                ({ at }) =>
                  at.toISOString().slice(0, length) === new Date(nowMs).toISOString().slice(0, length),
              )
              .reduce((sum, { amount }) => sum + amount, 0);
          for (const { amount, hours, back } of asked) {
            nowMs += hours * HOUR_MS;
            const fits =
              (daily === null || sumOf(10) + amount <= daily) &&
              (monthly === null || sumOf(7) + amount <= monthly);
            const decision = await sut.quotas.consume(subject, 'llm_tokens', { daily, monthly }, amount);
            expect(decision.allowed).toBe(fits);
            if (fits) passed.push({ at: decision.countedAt, amount });
            expect(decision.daily).toMatchObject({ requestsUsed: sumOf(10), limit: daily });
            expect(decision.monthly).toMatchObject({ requestsUsed: sumOf(7), limit: monthly });
            if (!fits || !back) continue;
            await sut.quotas.giveBack(subject, 'llm_tokens', amount, decision.countedAt);
            passed.pop();
            const { daily: today } = await sut.quotas.use(subject, 'llm_tokens', { daily, monthly });
            expect(today.requestsUsed).toBe(sumOf(10));
          }
        }),
        { numRuns: 100 },
      );
    });

    it('says when the day and the month end', async () => {
      const use = await sut.quotas.use(randomUUID(), 'api_calls', { daily: 5, monthly: null });
      expect(use).toEqual({
        daily: { requestsUsed: 0, limit: 5, resetInSeconds: 12 * 3_600 },
        monthly: { requestsUsed: 0, limit: null, resetInSeconds: 36 * 3_600 },
      });
    });

    it('keeps types and subjects apart', async () => {
      const subject = randomUUID();
      for (const type of QUOTA_TYPES) {
        const once = { daily: 1, monthly: 1 };
        expect(await sut.quotas.consume(subject, type, once)).toMatchObject({ allowed: true });
        expect(await sut.quotas.consume(subject, type, once)).toMatchObject({ allowed: false });
        expect(await sut.quotas.consume(randomUUID(), type, once)).toMatchObject({ allowed: true });
      }
    });

    it('warns once, at four fifths of a limit', async () => {
      const subject = randomUUID();
      for (let call = 0; call < 12; call += 1)
        await sut.quotas.consume(subject, 'api_calls', { daily: 10, monthly: 1_000 });
      expect(eventBus.on('system:quota_warning')).toEqual([
        { subject, type: 'api_calls', period: 'daily', requestsUsed: 8, limit: 10 },
      ]);
    });

    it.each([0, -1, 1.5, Number.NaN])('refuses to count %d', async (amount) => {
      const asked = sut.quotas.consume(randomUUID(), 'api_calls', { daily: 1, monthly: 1 }, amount);
      await expect(asked).rejects.toThrow(InvalidInput);
    });

    it('adds up spending in whole micro-dollars, by day and month', async () => {
      const subject = randomUUID();
      await Promise.all(Array.from({ length: 100 }, () => sut.costs.add(subject, 3)));
      expect(await sut.costs.of(subject, new Date(nowMs))).toEqual({
        dailyMicroUsd: 300,
        monthlyMicroUsd: 300,
      });
      nowMs += 24 * HOUR_MS;
      expect(await sut.costs.add(subject, 1)).toEqual({ dailyMicroUsd: 1, monthlyMicroUsd: 301 });
      expect(await sut.costs.of(subject, new Date(NOON))).toMatchObject({ dailyMicroUsd: 300 });
      nowMs += 24 * HOUR_MS;
      expect(await sut.costs.of(subject, new Date(nowMs))).toEqual({ dailyMicroUsd: 0, monthlyMicroUsd: 0 });
      await expect(sut.costs.add(subject, 0.5)).rejects.toThrow(InvalidInput);
    });
  });
}
