-- Lets one instance at a time sweep, and remembers what the last whole sweep sealed with until the next one is due.
-- KEYS   1 right to sweep, 2 last sweep
-- ARGV   1 'begin', 'go on', 'end' or 'leave', 2 owner, 3 milliseconds that the right lasts, 4 milliseconds from sweep to sweep,
--        5 id of the key that seals, 6 '1' if the owner knew another one before
-- result 'begun', 'taken' by somebody else, or 'done' if none is due; 'going' or 'lost'; 'ended' or
--        'left', after which another sweep is due
local last = text(KEYS[2])
if ARGV[1] == 'begin' then
	if last and string.sub(last, 1, 1) == '=' and (ARGV[6] ~= '1' or last == '=' .. ARGV[5]) then
		return told('done', '', 0)
	end
	local left = redis.call('PTTL', KEYS[1])
	if left == -1 or left > LONGEST_DELAY then
		-- No right of ours is without an end.
		redis.call('DEL', KEYS[1])
	end
	if not redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) then
		return told('taken', '', 0)
	end
	redis.call('SET', KEYS[2], '~' .. ARGV[2], 'PX', ARGV[4])
	return told('begun', '', 0)
end
if text(KEYS[1]) ~= ARGV[2] then
	return told('lost', '', 0)
end
if ARGV[1] == 'go on' then
	redis.call('PEXPIRE', KEYS[1], ARGV[3])
	if last == '~' .. ARGV[2] then
		redis.call('PEXPIRE', KEYS[2], ARGV[4])
	end
	return told('going', '', 0)
end
redis.call('DEL', KEYS[1])
if ARGV[1] == 'leave' then
	return told('left', '', 0)
end
-- Gone if a mark was raised meanwhile: then another sweep follows.
if last == '~' .. ARGV[2] then
	redis.call('SET', KEYS[2], '=' .. ARGV[5], 'PX', ARGV[4])
end
return told('ended', '', 0)
