-- Head of every script that changes a record; loaded in front of each, after common.lua.
-- Field 'meta' is one line of words, in this order. Times are milliseconds by Redis's own clock; 0 means none.
local WORDS = { 'generation', 'writer', 'state', 'accessEnd', 'writtenAt', 'keepUntil', 'refused', 'attempts',
	'attemptedAt', 'failures', 'nextAttempt', 'digest', 'cause' }
local TEXTS = { writer = true, state = true, digest = true, cause = true }
local COUNTS = { attempts = true, failures = true }

local function value(name, word)
	return COUNTS[name] and math.min(number(word), 1000000) or number(word)
end

local function filled(key)
	return redis.call('HSTRLEN', key, 'sealed') > 0
end

local function read(key)
	local meta = {}
	local position = 0
	for word in string.gmatch(redis.call('HGET', key, 'meta') or '', '%S+') do
		position = position + 1
		local name = WORDS[position]
		if name then
			meta[name] = TEXTS[name] and word or value(name, word)
		end
	end
	for _, name in ipairs(WORDS) do
		meta[name] = meta[name] or (TEXTS[name] and '-' or 0)
	end
	local latest = clock() + LONGEST_DELAY
	if meta.nextAttempt > latest then
		meta.nextAttempt = 0
	end
	if meta.generation > latest and not filled(key) then
		-- Nobody vouches for it; it would leave no generation for those to come.
		meta.generation = 0
	end
	return meta
end

-- Writes 'meta', lets the key live as long as anything in it, or the lease, still matters, and tells who listens.
local function write(key, meta, leaseEnd)
	local words = {}
	for position, name in ipairs(WORDS) do
		words[position] = TEXTS[name] and meta[name] or string.format('%.0f', meta[name])
	end
	redis.call('HSET', key, 'meta', table.concat(words, ' '))
	local last = math.max(meta.accessEnd, meta.keepUntil, meta.nextAttempt, leaseEnd or 0, clock() + 1)
	redis.call('PEXPIREAT', key, string.format('%.0f', last))
	changed(key)
end
