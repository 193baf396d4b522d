-- Takes the lease and notes the attempt in the record, if the record is still what the caller read.
-- KEYS   1 record, 2 lease
-- ARGV   1 owner, 2 milliseconds of the lease, 3 generation and 4 attempts that were read, 5 '1' if it was read as dead
-- result 'acquired', 'held' by somebody else, or 'changed'; and the record
if redis.call('GET', KEYS[2]) == ARGV[1] then
	-- Sent once more by a connection that broke before the reply.
	return answer('acquired', KEYS[1], KEYS[2])
end
local meta = read(KEYS[1])
local now = clock()
if meta.generation ~= tonumber(ARGV[3]) or meta.attempts ~= tonumber(ARGV[4]) or meta.nextAttempt > now
		or (meta.state == 'dead' and ARGV[5] ~= '1' and filled(KEYS[1])) then
	return answer('changed', KEYS[1], KEYS[2])
end
local left = redis.call('PTTL', KEYS[2])
if left == -1 or left > LONGEST_DELAY then
	-- No lease of ours is without an end or that long.
	redis.call('DEL', KEYS[2])
end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
	return answer('held', KEYS[1], KEYS[2])
end
if filled(KEYS[1]) then
	if meta.attempts == 0 then
		meta.attemptedAt = now
	end
	meta.attempts = meta.attempts + 1
end
if redis.call('EXISTS', KEYS[1]) == 1 then
	write(KEYS[1], meta, now + tonumber(ARGV[2]))
end
return answer('acquired', KEYS[1], KEYS[2])
