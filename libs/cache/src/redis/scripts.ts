import { createHash } from 'node:crypto';
import { COUNTED, GENERATION_BYTES, HEADER_BYTES, MAGIC, SCHEMA_VERSION } from '../codec/envelope.js';

/** A Lua script with the hash Redis knows it by. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** What scripts answer first. */
export const ANSWER = { done: 1, no: 0, late: -1, refused: -2, value: 2, busy: 3 } as const;

function script(text: string): RedisScript {
  const whole = COMMON + text.trim();
  return { text: whole, sha: createHash('sha1').update(whole).digest('hex') };
}

/**
 * The places of an entry are those of codec/envelope.ts, counted from 1. Every write names the moment (Redis' own
 * clock) after which it must not happen: its caller has given up then and taken it for failed, and a stopped Redis
 * that goes on would carry out what waits in its sockets.
 */
const COMMON = `
local function now_ms() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end
local function head_of(key)
  local head = redis.call('GETRANGE', key, 0, ${HEADER_BYTES - 1})
  if #head == ${HEADER_BYTES} and string.byte(head, 1) == ${MAGIC} and string.byte(head, 2) == ${SCHEMA_VERSION} then return head end
  return nil
end
local function has_value(head) return head ~= nil and string.byte(head, 3) % 4 < 2 end
local function token_of(head) return string.sub(head, 12, 27) end
local function number_at(head, first) return struct.unpack('>d', string.sub(head, first, first + 7)) end
-- A full Redis refuses: then what was there, which is no longer true, goes too.
local function put(key, entry, ttl)
  local answer = redis.pcall('SET', key, entry, 'PX', ttl)
  if type(answer) == 'table' and answer.err then redis.call('UNLINK', key) return answer.err end
  return nil
end
`;

/** KEYS: entry. ARGV: bytes, lifetime ms, not after, channel, message. */
export const WRITE = script(`
if now_ms() > tonumber(ARGV[3]) then return {${ANSWER.late}} end
local refused = put(KEYS[1], ARGV[1], ARGV[2])
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
if refused then return {${ANSWER.refused}, refused} end
return {${ANSWER.done}}
`);

/** KEYS: entry. ARGV: channel, message. Answers 1 when there was a value (a lease alone is none). */
export const DELETE = script(`
local had = redis.call('EXISTS', KEYS[1]) == 1
local head = head_of(KEYS[1])
redis.call('UNLINK', KEYS[1])
if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
if had and (head == nil or has_value(head)) then return 1 end
return 0
`);

/**
 * Takes the lease of a key whose value is missing or not fresh enough, so that one process loads it. A newer value
 * that has arrived is answered instead.
 * KEYS: entry. ARGV: token, lease ms, "fresh" means fresh after, generation, not after.
 */
export const CLAIM = script(`
local now = now_ms()
if now > tonumber(ARGV[5]) then return {${ANSWER.late}} end
local head = head_of(KEYS[1])
if head then
  if has_value(head) and string.sub(head, 48, ${47 + GENERATION_BYTES}) == ARGV[4] and number_at(head, 32) > tonumber(ARGV[3]) then
    return {${ANSWER.value}, redis.call('GET', KEYS[1])}
  end
  local held_until = number_at(head, 4)
  if held_until > now and token_of(head) ~= ARGV[1] then return {${ANSWER.busy}, held_until - now} end
end
local lease = struct.pack('>d', now + tonumber(ARGV[2])) .. ARGV[1]
if has_value(head) then
  redis.call('SETRANGE', KEYS[1], 3, lease)
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
else
  local refused = put(KEYS[1], string.char(${MAGIC}, ${SCHEMA_VERSION}, 2) .. lease .. string.rep('\\0', ${HEADER_BYTES - 27}), ARGV[2])
  if refused then return {${ANSWER.refused}, refused} end
end
return {${ANSWER.done}}
`);

/** Stores what the holder of the lease has loaded. An invalidation has taken the lease away, with the key. KEYS: entry. ARGV: token, bytes, lifetime ms, not after. */
export const SETTLE = script(`
if now_ms() > tonumber(ARGV[4]) then return {${ANSWER.late}} end
local head = head_of(KEYS[1])
if not head or token_of(head) ~= ARGV[1] then return {${ANSWER.no}} end
local refused = put(KEYS[1], ARGV[2], ARGV[3])
if refused then return {${ANSWER.refused}, refused} end
return {${ANSWER.done}}
`);

/** KEYS: entry. ARGV: token, lease ms; 0 gives the lease back. */
export const RENEW = script(`
local head = head_of(KEYS[1])
if not head or token_of(head) ~= ARGV[1] then return {${ANSWER.no}} end
local lease = tonumber(ARGV[2])
if lease == 0 then
  if has_value(head) then redis.call('SETRANGE', KEYS[1], 3, string.rep('\\0', 24)) else redis.call('UNLINK', KEYS[1]) end
else
  redis.call('SETRANGE', KEYS[1], 3, struct.pack('>d', now_ms() + lease))
  if redis.call('PTTL', KEYS[1]) < lease then redis.call('PEXPIRE', KEYS[1], lease) end
end
return {${ANSWER.done}}
`);

/**
 * Adds to a number. An entry whose value is a whole number is counted on, with the lifetime it has; anything else is
 * replaced. The lease ends: what is being loaded is older than the sum.
 * KEYS: entry. ARGV: amount, caller's time (ms since 1970), lifetime ms, longer life in Redis ms, generation, not after, channel, message.
 */
export const ADD = script(`
if now_ms() > tonumber(ARGV[6]) then return {${ANSWER.late}} end
local head = head_of(KEYS[1])
local total, times, ttl = 0, nil, nil
if has_value(head) and string.sub(head, 48, ${47 + GENERATION_BYTES}) == ARGV[5] and number_at(head, 32) > tonumber(ARGV[2]) then
  local flags = string.byte(head, 3)
  local held = nil
  if flags == ${COUNTED} then held = redis.call('GETRANGE', KEYS[1], ${HEADER_BYTES}, -1)
  elseif flags == 0 and redis.call('STRLEN', KEYS[1]) <= ${HEADER_BYTES + 8 + 17} then held = redis.call('GETRANGE', KEYS[1], ${HEADER_BYTES + 8}, -1) end
  if held and string.match(held, '^-?%d+$') then
    total, times, ttl = tonumber(held), string.sub(head, 32, 47), redis.call('PTTL', KEYS[1])
  end
end
local sum = total + tonumber(ARGV[1])
if sum > ${Number.MAX_SAFE_INTEGER} or sum < ${Number.MIN_SAFE_INTEGER} then return {${ANSWER.no}, string.format('%.0f', total)} end
times = times or struct.pack('>dd', tonumber(ARGV[2]) + tonumber(ARGV[3]), tonumber(ARGV[3]))
if not ttl or ttl < 0 then ttl = ARGV[4] end
local checked = times .. ARGV[5] .. string.rep('\\0', ${HEADER_BYTES - 47 - GENERATION_BYTES}) .. string.format('%.0f', sum)
local sum32 = tonumber(string.sub(redis.sha1hex(KEYS[1] .. checked), 1, 8), 16)
local entry = string.char(${MAGIC}, ${SCHEMA_VERSION}, ${COUNTED}) .. string.rep('\\0', 24) .. struct.pack('>I4', sum32) .. checked
local refused = put(KEYS[1], entry, ttl)
if ARGV[8] ~= '' then redis.call('PUBLISH', ARGV[7], ARGV[8]) end
if refused then return {${ANSWER.refused}, refused} end
return {${ANSWER.done}, string.format('%.0f', sum)}
`);

/**
 * Reads the generations, of which there are always some: a server that was restarted, replaced or emptied gets new ones.
 * KEYS: hash of generations. ARGV: generation to take if one is needed, channel, message. Answers Redis' time and the hash.
 */
export const SYNC = script(`
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
if redis.call('HGET', KEYS[1], 'server') ~= server then
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 2) == 's:' then redis.call('HDEL', KEYS[1], field) end
  end
  redis.call('HSET', KEYS[1], 'server', server, 'state', ARGV[1])
  redis.call('HSETNX', KEYS[1], 'content', ARGV[1])
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return {now_ms(), redis.call('HGETALL', KEYS[1])}
`);

export const ALL_SCRIPTS = [WRITE, DELETE, CLAIM, SETTLE, RENEW, ADD, SYNC] as const;
