-- Head of every script in this folder; loaded in front of each.
-- Times are milliseconds by Redis's own clock.
local LONGEST_DELAY = 86400000
local TEN_YEARS = 315360000000

local function clock()
	local time = redis.call('TIME')
	return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What is not a plain number of at most 15 digits counts as 0, exactly as in class Meta: where the two disagree, a
-- caller would find the record changed for ever.
local function number(word)
	return word and #word <= 15 and string.find(word, '^%d+$') and tonumber(word) or 0
end

-- A mark. One that is ten years ahead is none of ours: nothing could be raised above it.
local function revoking(word)
	local mark = number(word)
	return mark <= clock() + TEN_YEARS and mark or 0
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
local function told(outcome, words, milliseconds, sealed)
	return { outcome, sealed or '', words, '0', string.format('%.0f', milliseconds) }
end

-- Answer of every script about one record: outcome, sealed, meta, now, milliseconds that the lease has left.
local function answer(outcome, key, lease)
	local left = redis.call('PTTL', lease)
	-- A lease in its last millisecond is still one; one of more than a day is none of ours.
	left = left == 0 and 1 or left <= LONGEST_DELAY and math.max(left, 0) or 0
	local record = redis.call('HMGET', key, 'sealed', 'meta')
	return { outcome, record[1] or '', record[2] or '', string.format('%.0f', clock()), tostring(left) }
end

-- Makes way for a key of ours where there is one of another type.
local function cleared(key, kind)
	local found = redis.call('TYPE', key).ok
	if found ~= kind and found ~= 'none' then
		redis.call('DEL', key)
	end
end
