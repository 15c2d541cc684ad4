import type { Algorithm } from './rate-limit-state.js';

/** Windows that follow one another; each begins with nothing used. */
export const fixedWindow: Algorithm = {
  take(state, { limit, windowMs }, nowMs, cost) {
    const start = nowMs - (nowMs % windowMs);
    let used = state.get('start') === start ? (state.get('used') ?? 0) : 0;
    const allowed = used + cost <= limit;
    if (allowed) used += cost;
    state.set('start', start).set('used', used);
    const rest = start + windowMs - nowMs;
    return { allowed, used, retryMs: allowed ? 0 : rest, resetMs: used === 0 ? 0 : rest };
  },
  lua: `
local function take(state, limit, window, now, cost)
  local start = now - now % window
  local used = 0
  if state.start == start then used = state.used or 0 end
  local allowed = used + cost <= limit
  if allowed then used = used + cost end
  state.start = start
  state.used = used
  local rest = start + window - now
  return allowed, used, allowed and 0 or rest, used == 0 and 0 or rest
end`,
};
