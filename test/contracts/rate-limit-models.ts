import type { RateLimit } from '@app/domain';

/** A request that passed. */
interface Pass {
  readonly atMs: number;
  readonly cost: number;
}

/** What a limit means, told from the list of everything that passed; nothing of it is made to be fast. */
export interface LimitModel {
  /** Whether a request may pass after those. */
  allows(passed: readonly Pass[], nowMs: number, cost: number): boolean;
}

const sum = (passes: readonly Pass[]): number => passes.reduce((total, { cost }) => total + cost, 0);

export function modelOf({ algorithm, limit, windowMs }: RateLimit): LimitModel {
  switch (algorithm) {
    case 'fixed_window':
      return {
        allows: (passed, nowMs, cost) => {
          const window = Math.floor(nowMs / windowMs);
          return sum(passed.filter(({ atMs }) => Math.floor(atMs / windowMs) === window)) + cost <= limit;
        },
      };
    case 'sliding_window':
      return {
        allows: (passed, nowMs, cost) => {
          // A use stands for the whole sixtieth of a window that it falls in.
          const width = Math.ceil(windowMs / 60);
          const lastMoment = (ms: number): number => ms - (ms % width) + width - 1;
          return sum(passed.filter(({ atMs }) => lastMoment(atMs) > nowMs - windowMs)) + cost <= limit;
        },
      };
    case 'token_bucket':
      return {
        allows: (passed, nowMs, cost) => {
          // Exact in parts of a token: `windowMs` of them are one, `limit` come back each millisecond.
          const capacity = BigInt(limit) * BigInt(windowMs);
          let level = capacity;
          let at = passed[0]?.atMs ?? nowMs;
          const refill = (ms: number): void => {
            const full = level + BigInt(ms - at) * BigInt(limit);
            level = full > capacity ? capacity : full;
            at = ms;
          };
          for (const pass of passed) {
            refill(pass.atMs);
            level -= BigInt(pass.cost) * BigInt(windowMs);
          }
          refill(nowMs);
          return level >= BigInt(cost) * BigInt(windowMs);
        },
      };
  }
}

/** The most that may pass in any stretch of `spanMs`, whatever the requests. */
export function mostIn({ algorithm, limit, windowMs }: RateLimit, spanMs: number): number {
  if (algorithm === 'token_bucket') return limit + Math.floor((spanMs * limit) / windowMs);
  const windows = Math.floor(spanMs / windowMs) + 1;
  return limit * (algorithm === 'fixed_window' ? windows + 1 : windows);
}
