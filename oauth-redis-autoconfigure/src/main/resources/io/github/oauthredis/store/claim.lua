-- Takes the entry of the outbox that is due first, and hides it from others for a while.
-- KEYS   1 times, 2 entries
-- ARGV   1 milliseconds that it stays hidden
-- result 'claimed', its sealed tokens, its id and its age in milliseconds; or 'none' and the milliseconds until one is
--        due, 0 if there is none
cleared(KEYS[1], 'zset')
cleared(KEYS[2], 'hash')
local now = clock()
for _ = 1, 100 do
	local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
	if not first[1] then
		return told('none', '', 0)
	end
	local wait = tonumber(first[2]) - now
	if wait > 0 and wait <= LONGEST_DELAY then
		return told('none', '', math.max(math.ceil(wait), 1))
	end
	local since, sealed = string.match(redis.call('HGET', KEYS[2], first[1]) or '', '^(%d+) (.*)$')
	if sealed then
		redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[1])), first[1])
		return told('claimed', first[1], math.max(now - number(since), 0), sealed)
	end
	-- Not an entry of ours.
	redis.call('ZREM', KEYS[1], first[1])
	redis.call('HDEL', KEYS[2], first[1])
end
-- The next call goes on: one script must not keep everybody waiting.
return told('none', '', 1)
