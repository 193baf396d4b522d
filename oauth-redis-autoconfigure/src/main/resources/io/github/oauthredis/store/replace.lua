-- Puts a value in the place of what was read, for the time that is left.
-- KEYS   1 its name
-- ARGV   1 value that was read, 2 value to store
-- result 'replaced' or 'changed'
if text(KEYS[1]) ~= ARGV[1] then
	return told('changed', '', 0)
end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return told('replaced', '', 0)
