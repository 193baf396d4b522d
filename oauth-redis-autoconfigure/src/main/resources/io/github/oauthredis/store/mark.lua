-- Raises a mark: what has a lower one is dead from now on, and soon swept away.
-- KEYS   1 mark, 2 last sweep
-- ARGV   1 milliseconds to keep it
-- result 'marked' and the mark
local now = clock()
local mark = math.max(number(text(KEYS[1])) + 1, now)
if mark > 999999999999999 then
	-- Not by us; one more would be read as none.
	mark = now
end
redis.call('SET', KEYS[1], string.format('%.0f', mark), 'PX', ARGV[1])
redis.call('DEL', KEYS[2])
changed(KEYS[1])
return told('marked', string.format('%.0f', mark), 0)
