-- Reads the marks that concern a record, and for how long its provider is held off.
-- KEYS   1 hold-off, 2 mark of all, 3 mark of the registration, 4 mark of the principal (grants only)
-- result 'found', the marks and the milliseconds of the hold-off
local marks = redis.call('MGET', unpack(KEYS, 2))
local words = {}
for position = 1, 3 do
	words[position] = string.format('%.0f', revoking(marks[position]))
end
local held = redis.call('PTTL', KEYS[1])
if held > LONGEST_DELAY then
	-- None of ours is longer.
	held = 0
end
return told('found', table.concat(words, ' '), math.max(held, 0))
