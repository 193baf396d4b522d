-- Head of every script in this folder; loaded in front of each.
-- Times are milliseconds by Redis's own clock.
local LONGEST_DELAY = 86400000

local function clock()
	local time = redis.call('TIME')
	return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What is not a plain number of at most 15 digits counts as 0, exactly as in class Meta: where the two disagree, a
-- caller would find the record changed for ever.
local function number(word)
	return word and #word <= 15 and string.find(word, '^%d+$') and tonumber(word) or 0
end

-- The string under a key, or false; keys of another type have none.
local function text(key)
	return redis.call('MGET', key)[1]
end

-- Tells who listens that a key was written, and goes on where an ACL forbids it.
local function changed(key)
	redis.pcall('PUBLISH', string.match(key, '^(.-):{') .. ':changed', key)
end

-- Answer of a script that is not about one record, in the form of those that are.
local function told(outcome, words, milliseconds)
	return { outcome, '', words, '0', string.format('%.0f', milliseconds) }
end
