import { FAIR_PART, MAX_LEASE_MS } from './limit-entry.js';
import { PARTS, MIN_LEASE_MS } from './sliding-window.js';

// The logic of SlidingWindow and CalendarQuota as atomic Redis scripts. A subject has a hash with the units of each
// window and quota, and for each window a list of its spends, oldest first: start, end and units. Time comes from
// Redis, so that the clocks of processes need not agree.

const DAY_MS = 86_400_000;

const SPENDS = `
local function read(spend)
  local first, last, units = string.match(spend, '^(%d+) (%d+) (%d+)$')
  return tonumber(first), tonumber(last), tonumber(units)
end
local function written(first, last, units)
  return string.format('%d %d %d', first, last, units)
end`;

/**
 * KEYS: the hash, the era, the list of each window. ARGV: the rules; the needed units; the wanted units of a lease, or
 * empty; the units spent before according to the database and the era in which they were requested, or empty; and the
 * time, or empty. Rules are `windows` of `ms`, `limit` and `long`, and `quotas` of `name`, `limit` and `edges`, the
 * boundaries of the periods around now; `lasts` is set if any usage must survive a loss of Redis. If no units are
 * needed, the call instead reports usage elsewhere: the units of each window, which are counted now, while lasting
 * usage is restored with the next request.
 *
 * Returns the limit that rejected it (0: none, 1: a window, 2: a quota), the wait in ms (-1: forever), the units taken,
 * their lifetime in ms, and their last moment of use; then the units and the drain time in ms of each window, and the
 * units, the remaining time in ms and the length in seconds of each quota; and the era. Or returns `BEGIN` if there is
 * no era, `RESTORE` and the era if units spent before must be passed first, or `CLOCK`.
 */
export const TAKE = `${SPENDS}
local rules, needed, wanted = cjson.decode(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local era = rules.lasts and redis.call('GET', KEYS[2])
if rules.lasts and not era then return 'BEGIN' end
local known, flat = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do known[flat[i]] = flat[i + 1] end
-- Counts of another era can be an old copy; missing ones were lost, or are new to the key.
local current, restores, reports = known.era == era, false, needed == 0
for _, window in ipairs(rules.windows) do
  window.restores = window.long and not reports and not (current and known['w' .. window.ms])
  restores = restores or window.restores
end
for _, quota in ipairs(rules.quotas) do
  quota.restores = not reports and not (current and known['q' .. quota.name])
  restores = restores or quota.restores
end
if restores and ARGV[5] ~= era then return { 'RESTORE', era } end

local now = tonumber(ARGV[6])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A time that never decreases: after the clock was set back, time continues from where it was.
local behind = tonumber(known.behind or 0) + math.max(0, tonumber(known.last or 0) - now)
local changed = restores or reports or behind > tonumber(known.behind or 0)
local set = { 'last', now, 'behind', behind }
now = now + behind

local function append(window, first, last, units)
  window.used = window.used + units
  local newest = redis.call('LINDEX', window.key, -1)
  if newest then
    local began, ended, spent = read(newest)
    if last - began < window.ms / ${PARTS} then
      redis.call('LSET', window.key, -1, written(began, math.max(ended, last), spent + units))
      return
    end
  end
  redis.call('RPUSH', window.key, written(first, last, units))
end

for _, quota in ipairs(rules.quotas) do
  local edges = quota.edges
  if now < edges[1] or now >= edges[#edges] then
    return 'CLOCK'
  end
  for i = 1, #edges - 1 do
    if now >= edges[i] then quota.starts, quota.ends = edges[i], edges[i + 1] end
  end
  quota.used = 0
  if tonumber(known['s' .. quota.name]) == quota.starts then quota.used = tonumber(known['q' .. quota.name]) end
end
for i, window in ipairs(rules.windows) do
  window.key = KEYS[2 + i]
  window.used = tonumber(known['w' .. window.ms])
  if not window.used then
    window.used = 0
    for _, spend in ipairs(redis.call('LRANGE', window.key, 0, -1)) do
      local _, _, units = read(spend)
      window.used = window.used + units
    end
  end
  local gone = false
  repeat
    local oldest = redis.call('LINDEX', window.key, 0)
    gone = false
    if oldest then
      local _, last, units = read(oldest)
      gone = now - last >= window.ms
      if gone then
        redis.call('LPOP', window.key)
        changed = true
        window.used = window.used - units
      end
    else
      window.used = 0
    end
  until not gone
end

if restores then
  local past = cjson.decode(ARGV[4])
  for i, window in ipairs(rules.windows) do
    if window.restores then
      local spent, kept = 0, window.used
      for _, part in ipairs(past.windows[i]) do
        if now - part[1] < window.ms then
          spent = spent + part[2]
          if kept == 0 then append(window, math.min(part[1], now), math.min(part[1], now), part[2]) end
        end
      end
      -- The counts here are exact; only what they lack is added.
      if kept > 0 and spent > kept then append(window, now, now, spent - kept) end
      redis.call('PEXPIRE', window.key, 2 * window.ms)
    end
  end
  for i, quota in ipairs(rules.quotas) do
    local starts, units = past.quotas[i][1], past.quotas[i][2]
    if quota.restores and quota.starts == starts then quota.used = math.max(quota.used, units) end
  end
end
set[#set + 1] = 'era'
set[#set + 1] = not reports and era or ''

if reports then
  for i, units in ipairs(cjson.decode(ARGV[4])) do
    local window = rules.windows[i]
    if units > 0 then
      append(window, now, now, units)
      redis.call('PEXPIRE', window.key, 2 * window.ms)
    end
  end
end

local refusal, remaining, lease, keep = 0, math.huge, ${MAX_LEASE_MS}, 0
for _, window in ipairs(rules.windows) do
  if window.used + needed > window.limit then refusal = 1 end
  remaining = math.min(remaining, window.limit - window.used)
  lease = math.min(lease, math.max(window.ms / ${PARTS}, ${MIN_LEASE_MS}))
  keep = math.max(keep, 2 * window.ms)
end
for _, quota in ipairs(rules.quotas) do
  if quota.used + needed > quota.limit and refusal == 0 then refusal = 2 end
  remaining = math.min(remaining, quota.limit - quota.used)
  lease = math.min(lease, quota.ends - now - 1)
  keep = math.max(keep, quota.ends - now)
end

local wait, units, last = 0, 0, now
if refusal == 0 and needed > 0 then
  changed = true
  units = needed
  if wanted then
    last = now + math.max(0, math.floor(lease))
    local fair = math.ceil(remaining / ${FAIR_PART})
    if last - now <= ${MIN_LEASE_MS} then fair = needed end
    units = math.min(wanted, math.max(needed, fair))
  end
  for _, window in ipairs(rules.windows) do
    append(window, last, last, units)
    redis.call('PEXPIRE', window.key, 2 * window.ms)
  end
  for _, quota in ipairs(rules.quotas) do quota.used = quota.used + units end
elseif needed > 0 then
  for _, window in ipairs(rules.windows) do
    local excess = window.used + needed - window.limit
    if needed > window.limit then wait = -1 end
    if excess > 0 and wait >= 0 then
      for _, spend in ipairs(redis.call('LRANGE', window.key, 0, -1)) do
        local _, ended, spent = read(spend)
        excess = excess - spent
        if excess <= 0 then
          wait = math.max(wait, ended + window.ms - now)
          break
        end
      end
    end
  end
  for _, quota in ipairs(rules.quotas) do
    if needed > quota.limit then wait = -1 end
    if quota.used + needed > quota.limit and wait >= 0 then wait = math.max(wait, quota.ends - now) end
  end
end

local answer = { refusal, wait, units, last - now, last }
local function add(...)
  for _, number in ipairs({ ... }) do answer[#answer + 1] = number end
end
for _, window in ipairs(rules.windows) do
  local newest, rest = redis.call('LINDEX', window.key, -1), 0
  if newest then
    local _, ended = read(newest)
    rest = ended + window.ms - now
  end
  add(window.used, rest)
  set[#set + 1] = 'w' .. window.ms
  set[#set + 1] = window.used
end
for _, quota in ipairs(rules.quotas) do
  add(quota.used, quota.ends - now, (quota.ends - quota.starts) / 1000)
  set[#set + 1] = 's' .. quota.name
  set[#set + 1] = quota.starts
  set[#set + 1] = 'q' .. quota.name
  set[#set + 1] = quota.used
end
if changed then
  redis.call('HSET', KEYS[1], unpack(set))
  -- A day longer than it counts, so that a new period finds its key and needs no query to the database.
  redis.call('PEXPIRE', KEYS[1], keep + ${MAX_LEASE_MS} + ${DAY_MS})
end
answer[#answer + 1] = era or ''
return answer`;

/**
 * Returns unused units of a lease. KEYS: the hash, then the list of each window. ARGV: the rules, the units, their last
 * moment of use, and the era in which they were taken: nothing is returned to counts restored since. The units can be
 * part of a spend that ends later; the oldest such spend is reduced.
 */
export const GIVE_BACK = `${SPENDS}
local rules, units, last = cjson.decode(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if redis.call('HGET', KEYS[1], 'era') ~= ARGV[4] then return 0 end
for i, window in ipairs(rules.windows) do
  local left = units
  for at, spend in ipairs(redis.call('LRANGE', KEYS[1 + i], 0, -1)) do
    local began, ended, spent = read(spend)
    if ended >= last and left > 0 then
      local given = math.min(left, spent)
      redis.call('LSET', KEYS[1 + i], at - 1, written(began, ended, spent - given))
      left = left - given
    end
  end
  redis.call('HINCRBY', KEYS[1], 'w' .. window.ms, left - units)
end
for _, quota in ipairs(rules.quotas) do
  local starts = tonumber(redis.call('HGET', KEYS[1], 's' .. quota.name))
  local used = tonumber(redis.call('HGET', KEYS[1], 'q' .. quota.name))
  if starts and starts <= last then redis.call('HSET', KEYS[1], 'q' .. quota.name, math.max(0, used - units)) end
end
return 1`;

/**
 * Starts counting and returns the era, which changes when Redis was restarted or has lost its data. KEYS: the era.
 * Counts of another era are compared with the database before use.
 */
export const BEGIN = `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local era = redis.call('GET', KEYS[1])
if not era or string.sub(era, 1, #run) ~= run then
  local time = redis.call('TIME')
  era = run .. ':' .. time[1] .. '.' .. time[2]
  redis.call('SET', KEYS[1], era)
end
return era`;
