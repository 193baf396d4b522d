-- Marks the access token as refused if it is the very one that was refused, and not too young.
-- KEYS   1 record, 2 lease
-- ARGV   1 digest of the refused token, 2 milliseconds of age below which it is left alone, at most half its lifetime,
--        3 and more: beginnings of content that the caller can open
-- result 'refused' if it was marked now, else 'ignored'; and the record
local meta = read(KEYS[1])
if meta.state ~= 'ok' or meta.digest ~= ARGV[1] or meta.refused ~= 0 then
	return answer('ignored', KEYS[1], KEYS[2])
end
local sealed = redis.call('HGET', KEYS[1], 'sealed') or ''
local opens = false
for i = 3, #ARGV do
	opens = opens or string.sub(sealed, 1, #ARGV[i]) == ARGV[i]
end
if not opens then
	return answer('ignored', KEYS[1], KEYS[2])
end
local now = clock()
local least = tonumber(ARGV[2])
if meta.accessEnd > 0 then
	least = math.min(least, (meta.accessEnd - meta.writtenAt) / 2)
end
if math.abs(now - meta.writtenAt) < least then
	return answer('ignored', KEYS[1], KEYS[2])
end
meta.refused = 1
write(KEYS[1], meta, now + math.max(redis.call('PTTL', KEYS[2]), 0))
return answer('refused', KEYS[1], KEYS[2])
