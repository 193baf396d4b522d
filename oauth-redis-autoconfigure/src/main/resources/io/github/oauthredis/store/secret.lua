-- Reads which client secret of a registration its provider accepted last, or notes it.
-- KEYS   1 place of the secret in the list
-- ARGV   1 place to note, or '-' to read, 2 milliseconds to keep it
-- result 'found' and the place, which is empty if none is noted
if ARGV[1] ~= '-' then
	redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return told('found', text(KEYS[1]) or '', 0)
