-- Notes a failed token request and gives the lease back. Never touches the content or the generation.
-- KEYS   1 record, 2 lease
-- ARGV   1 owner, 2 generation of the lease, 3 'FATAL', 'CLEAR' or 'AMBIGUOUS', 4 cause, 5 milliseconds to the next attempt
-- result 'noted', or 'ignored' if the lease is not the owner's or the generation is another one; and the record
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
	return answer('ignored', KEYS[1], KEYS[2])
end
redis.call('DEL', KEYS[2])
local meta = read(KEYS[1])
if meta.generation ~= tonumber(ARGV[2]) then
	return answer('ignored', KEYS[1], KEYS[2])
end
meta.failures = meta.failures + 1
meta.nextAttempt = clock() + tonumber(ARGV[5])
meta.cause = ARGV[4]
if filled(KEYS[1]) then
	if ARGV[3] == 'FATAL' then
		meta.state = 'dead'
		meta.attempts = 0
	elseif ARGV[3] == 'CLEAR' then
		meta.attempts = math.max(meta.attempts - 1, 0)
	end
	if meta.attempts == 0 then
		meta.attemptedAt = 0
	end
end
-- Kept beyond the next attempt, so that this failure still counts if that one fails, too.
write(KEYS[1], meta, meta.nextAttempt + math.max(tonumber(ARGV[5]), 60000))
return answer('noted', KEYS[1], KEYS[2])
