"""The bits in which `frames` says from where the bytes of a base64 token could be kept."""

WHOLE = 0
OFFSET = 7  # the second symbol; the two behind it follow. The joints of a token stand from 1 on
KEYED = 10  # all of it, under a key of one byte
LZSTRING = 11
