import type { RateLimit, RateLimitAlgorithm } from '@app/domain';
import { fixedWindow } from './fixed-window.js';
import type { Algorithm, RateLimitState, Taken } from './rate-limit-state.js';
import { slidingWindow } from './sliding-window.js';
import { tokenBucket } from './token-bucket.js';

/** 2^30 first waits are longer than any longest wait. */
const MOST_STRIKES = 32;

export const ALGORITHMS: Readonly<Record<RateLimitAlgorithm, Algorithm>> = {
  fixed_window: fixedWindow,
  sliding_window: slidingWindow,
  token_bucket: tokenBucket,
};

export interface Judgement extends Taken {
  /** How long the state matters. */
  readonly keepMs: number;
}

/**
 * The decision on one request, with the wait of repeat offenders: the algorithm is asked only when the subject isn't waiting;
 * its first refusal costs the wait it names, each further one at least twice the last.
 */
export function judge(state: RateLimitState, rule: RateLimit, clockMs: number, cost: number): Judgement {
  const { take } = ALGORITHMS[rule.algorithm];
  // A clock that went back gives nobody anything.
  const nowMs = Math.max(clockMs, state.get('now') ?? 0);
  state.set('now', nowMs);
  const { penalty } = rule;
  if (!penalty) {
    const taken = take(state, rule, nowMs, cost);
    return { ...taken, keepMs: taken.resetMs };
  }
  const { firstMs, maxMs } = penalty;
  const until = state.get('until') ?? 0;
  if (until > nowMs) {
    const { used, resetMs } = take(state, rule, nowMs, 0);
    const retryMs = until - nowMs;
    return { allowed: false, used, retryMs, resetMs: Math.max(resetMs, retryMs), keepMs: retryMs + maxMs };
  }
  if (until + maxMs <= nowMs) state.delete('strikes');
  const taken = take(state, rule, nowMs, cost);
  if (taken.allowed) return { ...taken, keepMs: Math.max(taken.resetMs, until + maxMs - nowMs) };
  const strikes = Math.min(MOST_STRIKES, (state.get('strikes') ?? 0) + 1);
  const penaltyMs = strikes === 1 ? 0 : Math.min(maxMs, firstMs * 2 ** (strikes - 2));
  const retryMs = Math.max(taken.retryMs, penaltyMs);
  state.set('strikes', strikes).set('until', nowMs + retryMs);
  return { ...taken, retryMs, resetMs: Math.max(taken.resetMs, retryMs), keepMs: retryMs + maxMs };
}

/**
 * `judge` for Redis. KEYS[1]: the subject's hash. ARGV: limit, window, cost, first and longest penalty (0: none), and the time, or
 * '' for Redis' own, which all processes share. Answers allowed, used, retry, reset.
 */
export function judgeInLua({ lua }: Algorithm): string {
  return `${lua}
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local first, longest = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(ARGV[6])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local state = {}
local stored = redis.call('HGETALL', KEYS[1])
for i = 1, #stored, 2 do state[stored[i]] = tonumber(stored[i + 1]) end
now = math.max(now, state.now or 0)
state.now = now

local allowed, used, retry, reset, keep
if longest == 0 then
  allowed, used, retry, reset = take(state, limit, window, now, cost)
  keep = reset
else
  local till = state['until'] or 0
  if till > now then
    allowed, used, retry, reset = take(state, limit, window, now, 0)
    allowed = false
    retry = till - now
    reset = math.max(reset, retry)
    keep = retry + longest
  else
    if till + longest <= now then state.strikes = false end
    allowed, used, retry, reset = take(state, limit, window, now, cost)
    if allowed then keep = math.max(reset, till + longest - now)
    else
      local strikes = math.min(${MOST_STRIKES}, (state.strikes or 0) + 1)
      local penalty = 0
      if strikes > 1 then penalty = math.min(longest, first * 2 ^ (strikes - 2)) end
      retry = math.max(retry, penalty)
      state.strikes = strikes
      state['until'] = now + retry
      reset = math.max(reset, retry)
      keep = retry + longest
    end
  end
end

for name, value in pairs(state) do
  if value then redis.call('HSET', KEYS[1], name, string.format('%.0f', value))
  else redis.call('HDEL', KEYS[1], name) end
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(1, keep)))
return {allowed and 1 or 0, used, retry, reset}`;
}
