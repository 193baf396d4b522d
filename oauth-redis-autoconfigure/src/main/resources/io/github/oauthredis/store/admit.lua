-- Takes one token request out of the budget of a provider.
-- Each request moves the time at which the budget is whole again by what one costs; that time, in microseconds, is
-- all that is stored.
-- KEYS   1 budget
-- ARGV   1 requests per second, 2 burst, 3 '1' if no caller waits
-- result 'admitted', or 'refused' and the milliseconds until one may be admitted
local DAY = LONGEST_DELAY * 1000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost = math.min(1000000 / tonumber(ARGV[1]), DAY)
-- A burst is at most what a day brings, so that no key lives longer.
local burst = math.min(tonumber(ARGV[2]), math.floor(DAY / cost))
local stored = text(KEYS[1])
local whole = stored and string.find(stored, '^%d+$') and #stored <= 16 and tonumber(stored) or 0
local beyond = whole > now + burst * cost
whole = math.max(math.min(whole, now + burst * cost), now)
local used = (whole - now) / cost
local most = ARGV[3] == '1' and math.min(burst - 1, burst / 2) or burst - 1
local admitted = used <= most
if admitted then
	whole = whole + cost
end
if admitted or beyond then
	-- Also where the budget was a larger one, or nobody's of ours: what is stored has to run down.
	redis.call('SET', KEYS[1], string.format('%.0f', math.floor(whole)), 'PX',
		string.format('%.0f', math.max(math.ceil((whole - now) / 1000), 1)))
end
if admitted then
	return told('admitted', '', 0)
end
return told('refused', '', math.max(math.ceil((used - most) * cost / 1000), 1))
