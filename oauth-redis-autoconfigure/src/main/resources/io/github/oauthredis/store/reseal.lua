-- Puts the same content, sealed with another key, in the place of what was read.
-- Nothing else changes: what anybody has in memory stays right, so nobody is told.
-- KEYS   1 record, 2 lease
-- ARGV   1 generation, 2 sealed content that was read, 3 sealed content to store
-- result 'resealed' or 'changed'; and the record
if redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[2] or read(KEYS[1]).generation ~= tonumber(ARGV[1]) then
	return answer('changed', KEYS[1], KEYS[2])
end
redis.call('HSET', KEYS[1], 'sealed', ARGV[3])
return answer('resealed', KEYS[1], KEYS[2])
