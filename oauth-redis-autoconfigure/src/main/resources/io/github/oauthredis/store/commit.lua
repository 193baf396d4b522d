-- Stores content if the generation is still the expected one; whether the lease has lapsed does not matter.
-- Also serves 'put', whose writer never holds a lease.
-- KEYS   1 record, 2 lease
-- ARGV   1 writer, 2 expected generation, 3 new generation, 4 sealed content,
--        5 milliseconds until the access token ends or '-', 6 milliseconds to keep the record, 7 digest of the access token
-- result 'stored' (also when this writer's content is there already) or 'changed'; and the record
local meta = read(KEYS[1])
if meta.generation == tonumber(ARGV[3]) and meta.writer == ARGV[1] then
	return answer('stored', KEYS[1], KEYS[2])
end
if meta.generation ~= tonumber(ARGV[2]) then
	return answer('changed', KEYS[1], KEYS[2])
end
local now = clock()
redis.call('HSET', KEYS[1], 'sealed', ARGV[4])
write(KEYS[1], {
	generation = tonumber(ARGV[3]),
	writer = ARGV[1],
	state = 'ok',
	accessEnd = ARGV[5] == '-' and 0 or now + tonumber(ARGV[5]),
	writtenAt = now,
	keepUntil = now + tonumber(ARGV[6]),
	refused = 0,
	attempts = 0,
	attemptedAt = 0,
	failures = 0,
	nextAttempt = 0,
	digest = ARGV[7],
	cause = '-'
})
if redis.call('GET', KEYS[2]) == ARGV[1] then
	redis.call('DEL', KEYS[2])
end
return answer('stored', KEYS[1], KEYS[2])
