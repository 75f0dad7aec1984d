-- One call against a sliding window: what was counted in the present slot, and of the slot before
-- the share that the window still reaches. KEYS[1]: hash of a caller. ARGV: quota, seconds of the
-- window, unix time. Answers: taken (1 or 0), calls left, seconds until the slot ends or, of a call
-- that is not taken, until one would be.
local quota, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local slot = math.floor(now / window)
local kept = redis.call('HMGET', KEYS[1], 'slot', 'count', 'before')
local kept_slot, count, before = tonumber(kept[1]), 0, 0
if kept_slot and kept_slot >= slot then
    -- the same slot; a later one was begun by a process whose clock is ahead
    slot, count, before = kept_slot, tonumber(kept[2]), tonumber(kept[3])
elseif kept_slot == slot - 1 then
    before = tonumber(kept[2])
end

local elapsed = math.max(0, now - slot * window)
local used = count + before * (1 - elapsed / window)
if used + 1 > quota then
    local wait
    if count < quota then
        wait = window * (1 - (quota - 1 - count) / before) - elapsed
    else
        wait = window - elapsed + window * (1 - (quota - 1) / count)
    end
    return {0, 0, math.max(1, math.ceil(wait))}
end
redis.call('HSET', KEYS[1], 'slot', slot, 'count', count + 1, 'before', before)
redis.call('EXPIRE', KEYS[1], 2 * window)
return {1, math.floor(quota - used - 1), math.max(1, math.ceil(window - elapsed))}
