-- Raises a mark: what has a lower one is dead from now on, and soon swept away. Or restores one that is lower than it was.
-- KEYS   1 mark, 2 last sweep
-- ARGV   1 milliseconds to keep it, 2 'raise' or 'restore', 3 least that it will be
-- result 'marked' and the mark, or 'kept' if there is nothing to restore
local now = clock()
local least = tonumber(ARGV[3])
local mark = revoking(text(KEYS[1]))
if ARGV[2] == 'restore' and mark >= least then
	return told('kept', string.format('%.0f', mark), 0)
end
mark = ARGV[2] == 'restore' and least or math.max(mark + 1, least, now)
redis.call('SET', KEYS[1], string.format('%.0f', mark), 'PX', ARGV[1])
redis.call('DEL', KEYS[2])
changed(KEYS[1])
return told('marked', string.format('%.0f', mark), 0)
