import type { Algorithm, RateLimitState } from './rate-limit-state.js';

/** A window is remembered in so many parts: memory stays small whatever the limit. */
const PARTS = 60;

/**
 * Never more than the limit in any window, wherever it begins. Uses are counted by parts of a window, and a part counts until its
 * last moment has left: so a use may count for up to a sixtieth of the window too long, never too short.
 */
export const slidingWindow: Algorithm = {
  take(state, { limit, windowMs }, nowMs, cost) {
    const width = Math.ceil(windowMs / PARTS);
    /** From then on a part's uses no longer count. */
    const freeAt = (part: number): number => (part + 1) * width - 1 + windowMs;
    let used = 0;
    for (const part of partsOf(state)) {
      if (freeAt(part) <= nowMs) state.delete(`${part}`);
      else used += state.get(`${part}`)!;
    }
    const allowed = used + cost <= limit;
    let retryMs = 0;
    if (allowed) {
      const part = Math.floor(nowMs / width);
      if (cost > 0) state.set(`${part}`, (state.get(`${part}`) ?? 0) + cost);
      used += cost;
    } else {
      let left = used;
      for (const part of partsOf(state)) {
        left -= state.get(`${part}`)!;
        retryMs = freeAt(part) - nowMs;
        if (left + cost <= limit) break;
      }
    }
    const newest = partsOf(state).at(-1);
    return { allowed, used, retryMs, resetMs: newest === undefined ? 0 : freeAt(newest) - nowMs };
  },
  lua: `
local function take(state, limit, window, now, cost)
  local width = math.ceil(window / ${PARTS})
  local function freeAt(part) return (part + 1) * width - 1 + window end
  local parts = {}
  local used = 0
  for name, count in pairs(state) do
    local part = tonumber(name)
    if part then
      if freeAt(part) <= now then state[name] = false
      else
        used = used + count
        parts[#parts + 1] = part
      end
    end
  end
  table.sort(parts)
  local nameOf = function(part) return string.format('%.0f', part) end
  local newest = parts[#parts]
  local allowed = used + cost <= limit
  local retry = 0
  if allowed then
    if cost > 0 then
      newest = math.floor(now / width)
      state[nameOf(newest)] = (state[nameOf(newest)] or 0) + cost
    end
    used = used + cost
  else
    local left = used
    for _, part in ipairs(parts) do
      left = left - state[nameOf(part)]
      retry = freeAt(part) - now
      if left + cost <= limit then break end
    end
  end
  return allowed, used, retry, newest and freeAt(newest) - now or 0
end`,
};

/** The parts that are remembered, the oldest first. */
function partsOf(state: RateLimitState): number[] {
  return [...state.keys()]
    .filter((name) => /^\d/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}
