-- Reads a value that is kept.
-- KEYS   1 its name
-- result 'recalled' and the value, empty if there is none
return told('recalled', text(KEYS[1]) or '', 0)
