-- Gives back a lease under which nothing was sent, and takes its attempt off the record.
-- KEYS   1 record, 2 lease
-- ARGV   1 owner, 2 generation of the lease
-- result 'released' or 'ignored' if the lease is not the owner's; and the record
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
	return answer('ignored', KEYS[1], KEYS[2])
end
redis.call('DEL', KEYS[2])
local meta = read(KEYS[1])
if meta.generation == tonumber(ARGV[2]) and meta.attempts > 0 then
	meta.attempts = meta.attempts - 1
	if meta.attempts == 0 then
		meta.attemptedAt = 0
	end
	write(KEYS[1], meta)
end
return answer('released', KEYS[1], KEYS[2])
