-- Renames a record that does not open, if it is still the one that was read, or that is no hash.
-- Removes a lease that is no string.
-- KEYS   1 record, 2 lease, 3 new name
-- ARGV   1 sealed content that was read, 2 milliseconds to keep it
-- result 'renamed' or 'changed'; and the record
local lease = redis.call('TYPE', KEYS[2]).ok
if lease ~= 'string' and lease ~= 'none' then
	redis.call('DEL', KEYS[2])
end
local record = redis.call('TYPE', KEYS[1]).ok
if record == 'none' or record == 'hash' and redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[1] then
	return answer('changed', KEYS[1], KEYS[2])
end
redis.call('RENAME', KEYS[1], KEYS[3])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
changed(KEYS[1])
return answer('renamed', KEYS[1], KEYS[2])
