-- Raises a mark: what has a lower one is dead from now on.
-- KEYS   1 mark
-- ARGV   1 milliseconds to keep it
-- result 'marked' and the mark
local now = clock()
local mark = math.max(number(text(KEYS[1])) + 1, now)
if mark > 999999999999999 then
	-- Not by us; one more would be read as none.
	mark = now
end
redis.call('SET', KEYS[1], string.format('%.0f', mark), 'PX', ARGV[1])
changed(KEYS[1])
return told('marked', string.format('%.0f', mark), 0)
