-- Reads a record and what its lease has left.
-- KEYS   1 record, 2 lease
-- result 'found' and the record
return answer('found', KEYS[1], KEYS[2])
