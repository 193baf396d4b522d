-- Takes an entry out of the outbox, or lets it be sent again later.
-- KEYS   1 times, 2 entries
-- ARGV   1 id, 2 milliseconds until it may be sent again, or '-' if it must not, 3 milliseconds to keep all
-- result 'settled'
cleared(KEYS[1], 'zset')
cleared(KEYS[2], 'hash')
if ARGV[2] == '-' then
	redis.call('ZREM', KEYS[1], ARGV[1])
	redis.call('HDEL', KEYS[2], ARGV[1])
elseif redis.call('HGET', KEYS[2], ARGV[1]) then
	redis.call('ZADD', KEYS[1], string.format('%.0f', clock() + tonumber(ARGV[2])), ARGV[1])
	redis.call('PEXPIRE', KEYS[1], ARGV[3])
	redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
return told('settled', '', 0)
