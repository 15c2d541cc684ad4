import type { Algorithm } from './rate-limit-state.js';

/**
 * A bucket of `limit` tokens that refills evenly, the whole of it in a window. Counted in parts of a token, `windowMs` to one, of
 * which `limit` come back each millisecond: whole numbers, nothing is lost to rounding.
 */
export const tokenBucket: Algorithm = {
  take(state, { limit, windowMs }, nowMs, cost) {
    const capacity = limit * windowMs;
    const before = state.get('level') ?? capacity;
    let level = Math.min(capacity, before + (nowMs - (state.get('at') ?? nowMs)) * limit);
    const needed = cost * windowMs;
    const allowed = level >= needed;
    if (allowed) level -= needed;
    state.set('level', level).set('at', nowMs);
    return {
      allowed,
      used: limit - Math.floor(level / windowMs),
      retryMs: allowed ? 0 : Math.ceil((needed - level) / limit),
      resetMs: Math.ceil((capacity - level) / limit),
    };
  },
  lua: `
local function take(state, limit, window, now, cost)
  local capacity = limit * window
  local level = math.min(capacity, (state.level or capacity) + (now - (state.at or now)) * limit)
  local needed = cost * window
  local allowed = level >= needed
  if allowed then level = level - needed end
  state.level = level
  state.at = now
  return allowed, limit - math.floor(level / window),
    allowed and 0 or math.ceil((needed - level) / limit), math.ceil((capacity - level) / limit)
end`,
};
