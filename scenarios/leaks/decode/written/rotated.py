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
_REACH = 600  # bytes on either side that what belongs together may need
_SIGNS = re.compile("|".join(SIGNS).encode(), re.DOTALL)


def rot47(data: bytes) -> Found:
    """Yield the text around each such sign with every sign moved back. Large plain files have some by chance."""
    parts: list[list[int]] = []  # where each begins and ends; one that touches another goes on in it
    for match in _SIGNS.finditer(data):
        begin, end = max(0, match.start() - _REACH), match.end() + _REACH
        if parts and begin <= parts[-1][1]:
            parts[-1][1] = end
        else:
            parts.append([begin, end])
    if parts:
        yield "rot47", b"\n;\n".join(data[begin:end].translate(_ROTATED) for begin, end in parts)
