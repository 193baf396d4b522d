-- Keeps a value for a while.
-- KEYS   1 its name
-- ARGV   1 value, 2 milliseconds to keep it, 3 '1' to leave alone what is there
-- result 'kept' or 'left', and the value that was there before
local before = text(KEYS[1])
if before and ARGV[3] == '1' then
	return told('left', before, 0)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return told('kept', before or '', 0)
