-- Takes the right to find out whether a provider works again.
-- KEYS   1 probe
-- ARGV   1 owner, 2 milliseconds that the right lasts
-- result 'granted' (also when the owner has it already, whose time is then set anew) or 'taken'
local left = redis.call('PTTL', KEYS[1])
if left == -1 or left > LONGEST_DELAY then
	-- No right of ours is without an end.
	redis.call('DEL', KEYS[1])
end
local holder = text(KEYS[1])
if holder and holder ~= ARGV[1] then
	return told('taken', '', 0)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return told('granted', '', 0)
