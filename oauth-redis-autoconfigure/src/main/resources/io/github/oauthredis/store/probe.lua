-- Takes the right to find out whether a provider works again.
-- KEYS   1 probe
-- ARGV   1 owner, 2 milliseconds that the right lasts
-- result 'granted' (also when the owner has it already) or 'taken'
local left = redis.call('PTTL', KEYS[1])
if left == -1 or left > LONGEST_DELAY then
	-- No right of ours is without an end.
	redis.call('DEL', KEYS[1])
end
if text(KEYS[1]) == ARGV[1] or redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
	return told('granted', '', 0)
end
return told('taken', '', 0)
