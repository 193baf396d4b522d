-- Lets nobody send token requests to a provider for a while, unless it is held off for longer already.
-- KEYS   1 hold-off
-- ARGV   1 milliseconds
-- result 'held' and the milliseconds
local time = math.min(tonumber(ARGV[1]), LONGEST_DELAY)
local left = redis.call('PTTL', KEYS[1])
if left > time and left <= LONGEST_DELAY then
	return told('held', '', left)
end
redis.call('SET', KEYS[1], '1', 'PX', string.format('%.0f', time))
changed(KEYS[1])
return told('held', '', time)
