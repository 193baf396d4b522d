-- Puts a token request that was admitted but not sent back into the budget of a provider.
-- KEYS   1 budget
-- ARGV   1 requests per second
-- result 'given'
local cost = math.min(1000000 / tonumber(ARGV[1]), LONGEST_DELAY * 1000)
local left = redis.call('PTTL', KEYS[1])
local whole = text(KEYS[1])
if left > 0 and whole and string.find(whole, '^%d+$') and #whole <= 16 then
	redis.call('SET', KEYS[1], string.format('%.0f', math.max(math.floor(whole - cost), 0)), 'PX', left)
end
return told('given', '', 0)
