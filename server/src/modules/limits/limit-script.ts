import { FAIR_PART, LONGEST_LEASE_MS } from './limit-entry.js';
import { PARTS, SHORTEST_LEASE_MS } from './sliding-window.js';

// What SlidingWindow and CalendarQuota do in memory, in steps that Redis takes without anybody in between. A subject has a hash
// with the units of each window and quota, and for each window a list of its spends, oldest first: when each began, when it ended,
// and its units. Time is that of Redis, so that the clocks of processes need not agree.

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
 * KEYS: the hash, the era, the list of each window. ARGV: the rules; the units needed; those wanted in advance or nothing; what was
 * spent before as the database knows it and the era that this was asked for in, or nothing; and the time, or nothing. Rules are `windows`
 * of `ms`, `limit` and `long`, and `quotas` of `name`, `limit` and `edges`, where the periods around now meet; `lasts` where something
 * of them must outlive a loss of Redis. Without units needed it is told instead what passed elsewhere: the units of each window, which
 * are counted now, while what lasts is to be restored with the next request.
 *
 * Returns what refused it (0: nothing, 1: a window, 2: a quota), the wait in ms (-1: for ever), the units taken, until when they
 * may be used, when that is; then the units and the rest of each window, and the units, the rest and the length of each quota; and the era.
 * `BEGIN` when there is no era, `RESTORE` and the era when it must be told first what was spent before, and `CLOCK`.
 */
export const TAKE = `${SPENDS}
local rules, needed, wanted = cjson.decode(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local era = rules.lasts and redis.call('GET', KEYS[2])
if rules.lasts and not era then return 'BEGIN' end
local known, flat = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do known[flat[i]] = flat[i + 1] end
-- A count of another era may be an old copy; one that is missing may have been lost, or be new to the key.
local current, restores, told = known.era == era, false, needed == 0
for _, window in ipairs(rules.windows) do
  window.restores = window.long and not told and not (current and known['w' .. window.ms])
  restores = restores or window.restores
end
for _, quota in ipairs(rules.quotas) do
  quota.restores = not told and not (current and known['q' .. quota.name])
  restores = restores or quota.restores
end
if restores and ARGV[5] ~= era then return { 'RESTORE', era } end

local now = tonumber(ARGV[6])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A time that never goes back: where the clock did, it goes on from where it was.
local behind = tonumber(known.behind or 0) + math.max(0, tonumber(known.last or 0) - now)
local changed = restores or told or behind > tonumber(known.behind or 0)
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
      -- What is known here is known to the moment; only what it lacks is added.
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
set[#set + 1] = not told and era or ''

if told then
  for i, units in ipairs(cjson.decode(ARGV[4])) do
    local window = rules.windows[i]
    if units > 0 then
      append(window, now, now, units)
      redis.call('PEXPIRE', window.key, 2 * window.ms)
    end
  end
end

local refusal, remaining, lease, keep = 0, math.huge, ${LONGEST_LEASE_MS}, 0
for _, window in ipairs(rules.windows) do
  if window.used + needed > window.limit then refusal = 1 end
  remaining = math.min(remaining, window.limit - window.used)
  lease = math.min(lease, math.max(window.ms / ${PARTS}, ${SHORTEST_LEASE_MS}))
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
    if last - now <= ${SHORTEST_LEASE_MS} then fair = needed end
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
  -- A day longer than it counts, so that a period that begins finds its key and need not ask the database.
  redis.call('PEXPIRE', KEYS[1], keep + ${LONGEST_LEASE_MS} + ${DAY_MS})
end
answer[#answer + 1] = era or ''
return answer`;

/**
 * Takes back units of a lease that were not used. KEYS: the hash, then the list of each window; ARGV: the rules, the units, the last moment
 * that they may have been used at, and the era they were taken in: nothing is given back to what was restored since. What was taken for
 * then may lie in a spend that ends later; of those, the oldest gives.
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
 * Begins to count; returns the era, which is another one when Redis was started anew or has lost its data. KEYS: the era. Counts of
 * another era are compared with the database before they are used.
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
