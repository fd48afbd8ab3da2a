"""Reads ROT47, which moves every printable sign by 47 places."""

import re

from scenarios.leaks.decode.packed.marks import Found

_ROTATED = bytes.maketrans(bytes(range(33, 127)), bytes(33 + (code - 33 + 47) % 94 for code in range(33, 127)))
# What words, addresses, names and numbers look like in it: expressions, any of which marks a text.
SIGNS = (
    r" (?:E96|2\?5|7@C|H:E9) |9EEAD?i\^\^|\](?:4@>|\?6E|@C8)",
    r"[p-~!-+][2-9:-K]{3,20},? [p-~!-+][2-9:-K]{3}",
    r"(?:[_`a-h][^A-Za-z0-9]{0,3}){9}[_`a-h]",
)
_SIGNS = re.compile("|".join(SIGNS).encode(), re.DOTALL)


def rot47(data: bytes) -> Found:
    """Yield the text with every sign moved back, if it looks like that."""
    if _SIGNS.search(data):
        yield "rot47", data.translate(_ROTATED)
