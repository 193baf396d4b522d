-- Replaces a record by a tombstone with the next generation, if the generation is still the expected one.
-- KEYS   1 record, 2 lease
-- ARGV   1 expected generation, 2 milliseconds that the tombstone stays
-- result 'removed' or 'changed'; and the record
local meta = read(KEYS[1])
if meta.generation ~= tonumber(ARGV[1]) then
	return answer('changed', KEYS[1], KEYS[2])
end
local now = clock()
redis.call('DEL', KEYS[1])
write(KEYS[1], {
	generation = math.max(meta.generation + 1, now),
	writer = '-',
	state = 'gone',
	accessEnd = 0,
	writtenAt = now,
	keepUntil = now + tonumber(ARGV[2]),
	refused = 0,
	attempts = 0,
	attemptedAt = 0,
	failures = 0,
	nextAttempt = 0,
	digest = '-',
	cause = '-'
})
return answer('removed', KEYS[1], KEYS[2])
