-- Where a session stands: the one writer of a viewer's leases (shared/events/leases.py).
--
-- Answers {verdict, now in us, ...}, where verdict is one of
--   running        it has a lease now; behind it the sid and `exp` of each session it displaced
--   limit          all places are taken; behind it sid, lease and lease's end of who holds them
--   displaced      a later session took its place
--   window_closed  it has not begun, and may not any more
--   unknown        it has not begun, and is not beginning now
-- Times that come in are ages in milliseconds, so that only the clock of Redis counts.

local leases, playing, begun, displaced = unpack(KEYS)
local sid, mode = ARGV[1], ARGV[2]  -- mode: look, begin or take_over
local max_streams, start_by = tonumber(ARGV[3]), tonumber(ARGV[4])  -- 0 and -1 where there is none
local expires_at = tonumber(ARGV[5])
local began_ago, seen_ago, lease = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local video_id, asset_id = ARGV[9], ARGV[10]  -- '' where unknown

local MOST_NAMED = 16
local EVICTED = '{"began_at":0,"expires_at":0}'  -- a full Redis may drop one key and keep another

local time = redis.call('TIME')
local now_s = tonumber(time[1])
local now_us = now_s * 1000000 + tonumber(time[2])
local now = math.floor(now_us / 1000)

local function forget_the_past()
  for _, lapsed in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do
    redis.call('ZREM', leases, lapsed)
    redis.call('HDEL', playing, lapsed)
  end
  redis.call('ZREMRANGEBYSCORE', begun, '-inf', now_s)
  redis.call('ZREMRANGEBYSCORE', displaced, '-inf', now_s)
end

-- A key goes when the last of what it holds has ceased to count.
local function keep_until(key, ends)
  if redis.call('PTTL', key) < ends - now then
    redis.call('PEXPIREAT', key, ends)
  end
end

local function remember(key, member, ends_s)
  if ends_s <= now_s then
    return
  end
  local score = redis.call('ZSCORE', key, member)
  if not score or tonumber(score) < ends_s then
    redis.call('ZADD', key, ends_s, member)
    keep_until(key, ends_s * 1000)
  end
end

-- {sid, lease as text, its end, lease} of each, the one that began first in front.
local function list_holders()
  local holders = {}
  local found = redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')
  for i = 1, #found, 2 do
    local text = redis.call('HGET', playing, found[i]) or EVICTED
    table.insert(holders, {found[i], text, found[i + 1], cjson.decode(text)})
  end
  table.sort(holders, function(one, other)
    local a, b = one[4].began_at, other[4].began_at
    return a < b or (a == b and one[1] < other[1])
  end)
  return holders
end

local function refuse(holders)
  local answer = {'limit', now_us}
  for i = 1, math.min(#holders, MOST_NAMED) do
    for field = 1, 3 do
      table.insert(answer, holders[i][field])
    end
  end
  return answer
end

local function displace(holder, answer)
  local their_sid = holder[1]
  local their_end = tonumber(redis.call('ZSCORE', begun, their_sid) or holder[4].expires_at)
  redis.call('ZREM', leases, their_sid)
  redis.call('HDEL', playing, their_sid)
  remember(displaced, their_sid, their_end)
  table.insert(answer, their_sid)
  table.insert(answer, tostring(their_end))
end

local function describe()
  local fields = {began_at = math.floor((now - began_ago) / 1000), expires_at = expires_at}
  if video_id ~= '' then fields.video_id = video_id end
  if asset_id ~= '' then fields.asset_id = asset_id end
  return cjson.encode(fields)
end

local function hold_lease()
  local ends = now - seen_ago + lease
  local held = redis.call('ZSCORE', leases, sid)
  if not held or tonumber(held) < ends then
    redis.call('ZADD', leases, ends, sid)
    keep_until(leases, ends)
  end
  if not held then
    redis.call('HSET', playing, sid, describe())
  end
  keep_until(playing, ends)
  remember(begun, sid, expires_at)
end

if expires_at <= now_s then
  return {'unknown', now_us}
end

forget_the_past()

if mode ~= 'take_over' and redis.call('ZSCORE', displaced, sid) then
  remember(displaced, sid, expires_at)  -- a renewed token does not outlive the verdict
  return {'displaced', now_us}
end

if not redis.call('ZSCORE', begun, sid) then
  if start_by >= 0 and now - began_ago >= start_by * 1000 then
    return {'window_closed', now_us}
  end
  if mode == 'look' then
    return {'unknown', now_us}
  end
end

local answer = {'running', now_us}
if max_streams > 0 and not redis.call('ZSCORE', leases, sid) then
  local excess = redis.call('ZCARD', leases) - max_streams + 1
  if excess > 0 then
    local holders = list_holders()
    if mode ~= 'take_over' then
      return refuse(holders)
    end
    for i = 1, excess do
      displace(holders[i], answer)
    end
  end
end

redis.call('ZREM', displaced, sid)
hold_lease()
return answer
