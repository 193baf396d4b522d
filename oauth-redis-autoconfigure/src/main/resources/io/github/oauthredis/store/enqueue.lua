-- Puts tokens that are to be revoked at their provider into the outbox.
-- KEYS   1 times, 2 entries
-- ARGV   1 id, 2 sealed tokens, 3 milliseconds until they may be sent, 4 most entries, 5 milliseconds to keep all
-- result 'added' (also when this very id is there already) or 'full'; and how many entries were dropped because their
--        times were lost, so that nobody would ever take them
cleared(KEYS[1], 'zset')
cleared(KEYS[2], 'hash')
local lost = 0
if redis.call('TYPE', KEYS[1]).ok == 'none' then
	lost = redis.call('HLEN', KEYS[2])
	redis.call('DEL', KEYS[2])
end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) and not redis.call('HGET', KEYS[2], ARGV[1]) then
	return told('full', '', 0)
end
local now = clock()
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[3])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return told('added', '', lost)
