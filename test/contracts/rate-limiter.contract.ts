import { randomUUID } from 'node:crypto';
import { InvalidInput, RATE_LIMIT_ALGORITHMS, type RateLimit, type RateLimiter } from '@app/domain';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelOf, mostIn } from './rate-limit-models.js';

export interface RateLimiterUnderTest {
  readonly rateLimiter: RateLimiter;
  close(): Promise<void>;
}

/** Windows are long against what a run takes, since Redis forgets by its own clock. */
const WINDOW_MS = 60_000;
const START_MS = 1_764_000_000_000;

const algorithms = fc.constantFrom(...RATE_LIMIT_ALGORITHMS);
const rules = fc.record({
  algorithm: algorithms,
  limit: fc.integer({ min: 1, max: 12 }),
  windowMs: fc.integer({ min: 20_000, max: 200_000 }),
});
/** Waits between requests as shares of a window: bursts, and waits around its length. */
const requests = fc.array(
  fc.record({
    share: fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 0.3, noNaN: true }),
      fc.constantFrom(0.5, 1, 1.01, 2),
    ),
    cost: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 60 },
);

const rule = (algorithm: RateLimit['algorithm'], limit = 3): RateLimit => ({
  algorithm,
  limit,
  windowMs: WINDOW_MS,
});

/** What every RateLimiter does. `create` is given the clock that the limiter goes by. */
export function rateLimiterContract(
  name: string,
  create: (now: () => number) => Promise<RateLimiterUnderTest>,
): void {
  describe(`RateLimiter: ${name}`, () => {
    let sut: RateLimiterUnderTest;
    let nowMs = START_MS;

    beforeAll(async () => {
      sut = await create(() => nowMs);
    });
    afterAll(() => sut.close());

    it('decides as the plain model does, request by request', async () => {
      await fc.assert(
        fc.asyncProperty(rules, requests, async (limits, asked) => {
          const subject = randomUUID();
          const model = modelOf(limits);
          const passed: { atMs: number; cost: number }[] = [];
          for (const { share, cost: wanted } of asked) {
            nowMs += Math.floor(share * limits.windowMs);
            const cost = Math.min(wanted, limits.limit);
            const expected = model.allows(passed, nowMs, cost);
            const decision = await sut.rateLimiter.consume(subject, limits, cost);
            expect(decision.allowed).toBe(expected);
            if (decision.allowed) passed.push({ atMs: nowMs, cost });
            expect(decision.requestsUsed + decision.remaining).toBe(limits.limit);
            expect(decision.retryAfterMs > 0).toBe(!decision.allowed);
          }
          for (const { atMs: from } of passed)
            for (const { atMs: to } of passed.filter(({ atMs }) => atMs >= from)) {
              const between = passed.filter(({ atMs }) => atMs >= from && atMs <= to);
              const total = between.reduce((sum, { cost }) => sum + cost, 0);
              expect(total).toBeLessThanOrEqual(mostIn(limits, to - from));
            }
        }),
        { numRuns: 200 },
      );
    });

    it('names the exact moment at which the same request passes', async () => {
      await fc.assert(
        fc.asyncProperty(rules, requests, async (limits, asked) => {
          const subject = randomUUID();
          for (const { share, cost: wanted } of asked) {
            nowMs += Math.floor(share * limits.windowMs);
            const cost = Math.min(wanted, limits.limit);
            const { allowed, retryAfterMs } = await sut.rateLimiter.consume(subject, limits, cost);
            if (allowed) continue;
            nowMs += retryAfterMs - 1;
            expect(await sut.rateLimiter.consume(subject, limits, cost)).toMatchObject({ retryAfterMs: 1 });
            nowMs += 1;
            expect(await sut.rateLimiter.consume(subject, limits, cost)).toMatchObject({ allowed: true });
          }
        }),
        { numRuns: 100 },
      );
    });

    it.each(RATE_LIMIT_ALGORITHMS)(
      '%s: tells what is used, what remains, and when all is free',
      async (algorithm) => {
        const subject = randomUUID();
        nowMs = START_MS;
        expect(await sut.rateLimiter.consume(subject, rule(algorithm), 2)).toMatchObject({
          allowed: true,
          limit: 3,
          requestsUsed: 2,
          remaining: 1,
          retryAfterMs: 0,
        });
        const last = await sut.rateLimiter.consume(subject, rule(algorithm));
        expect(last).toMatchObject({ allowed: true, requestsUsed: 3, remaining: 0 });
        expect(last.resetInSeconds).toBeGreaterThanOrEqual(60);
        expect(last.resetInSeconds).toBeLessThanOrEqual(61);
        nowMs += last.resetInSeconds * 1_000;
        expect(await sut.rateLimiter.consume(subject, rule(algorithm), 3)).toMatchObject({ allowed: true });
      },
    );

    it('keeps subjects and windows apart', async () => {
      const [a, b] = [randomUUID(), randomUUID()];
      const limits = rule('sliding_window', 1);
      expect(await sut.rateLimiter.consume(a, limits)).toMatchObject({ allowed: true });
      expect(await sut.rateLimiter.consume(b, limits)).toMatchObject({ allowed: true });
      expect(await sut.rateLimiter.consume(a, { ...limits, windowMs: 2 * WINDOW_MS })).toMatchObject({
        allowed: true,
      });
      expect(await sut.rateLimiter.consume(a, limits)).toMatchObject({ allowed: false });
    });

    it('gives nobody anything when the clock goes back', async () => {
      const subject = randomUUID();
      const limits = rule('token_bucket', 1);
      expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({ allowed: true });
      nowMs -= 10 * WINDOW_MS;
      expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({
        allowed: false,
        retryAfterMs: WINDOW_MS,
      });
      nowMs += 11 * WINDOW_MS;
      expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({ allowed: true });
    });

    it('lets repeat offenders wait twice as long each time, up to the longest wait, and forgets in the end', async () => {
      const subject = randomUUID();
      const penalty = { firstMs: 2 * WINDOW_MS, maxMs: 10 * WINDOW_MS };
      const limits: RateLimit = { ...rule('fixed_window', 1), penalty };
      nowMs = START_MS - (START_MS % WINDOW_MS);
      const waits: number[] = [];
      for (let offence = 0; offence < 6; offence += 1) {
        expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({ allowed: true });
        const refused = await sut.rateLimiter.consume(subject, limits);
        expect(refused.allowed).toBe(false);
        waits.push(refused.retryAfterMs);
        // Tries made while waiting change nothing.
        nowMs += refused.retryAfterMs - 1;
        expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({
          allowed: false,
          retryAfterMs: 1,
        });
        nowMs += 1;
      }
      expect(waits.map((ms) => ms / WINDOW_MS)).toEqual([1, 2, 4, 8, 10, 10]);
      nowMs += penalty.maxMs;
      expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({ allowed: true });
      expect(await sut.rateLimiter.consume(subject, limits)).toMatchObject({ retryAfterMs: WINDOW_MS });
    });

    it.each<[string, Partial<RateLimit>, number]>([
      ['a limit of nothing', { limit: 0 }, 1],
      ['half a millisecond', { windowMs: 0.5 }, 1],
      ['a cost of nothing', {}, 0],
      ['a cost that never passes', {}, 4],
      ['figures nobody can count', { limit: 2 ** 30, windowMs: 2 ** 30 }, 1],
      ['a penalty of nothing', { penalty: { firstMs: 0, maxMs: 1 } }, 1],
    ])('refuses %s', async (_, part, cost) => {
      const asked = sut.rateLimiter.consume(randomUUID(), { ...rule('fixed_window'), ...part }, cost);
      await expect(asked).rejects.toThrow(InvalidInput);
    });
  });
}
