-- Renames a record that does not open, if it is still the one that was read.
-- KEYS   1 record, 2 lease, 3 new name
-- ARGV   1 sealed content that was read, 2 milliseconds to keep it
-- result 'renamed' or 'changed'; and the record
if redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[1] then
	return answer('changed', KEYS[1], KEYS[2])
end
redis.call('RENAME', KEYS[1], KEYS[3])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return answer('renamed', KEYS[1], KEYS[2])
