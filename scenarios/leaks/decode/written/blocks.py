"""Reads blocks whose lines all belong together: uuencode."""

import binascii
import re

from scenarios.leaks.decode.packed.marks import Found

_UU = re.compile(rb"(?<![A-Za-z])begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n((?:[ -`]{1,90}\r?\n)+)")
# The lines alone, as perl's pack gives them: each full one begins with "M" and has 61 signs.
_UU_BARE = re.compile(rb"(?:^|\n)((?:M[ -`]{60}\r?\n)+(?:[ -`]{2,61}(?=\r?\n|$))?)")
_WHOLE = 4_096  # bytes


def is_block(data: bytes) -> bool:
    """Return whether a short text holds such a block, of which no line may be left out."""
    return len(data) <= _WHOLE and b"begin " in data


def uuencoded(data: bytes) -> Found:
    """Yield what each block holds, also where an encoder counted its symbols wrong."""
    bare = () if _UU.search(data) else _UU_BARE.finditer(data)
    for match in (*_UU.finditer(data), *bare):
        out = bytearray()
        for line in match[1].splitlines():
            try:
                out += binascii.a2b_uu(line)
            except binascii.Error:
                # Some encoders write too many or too few symbols for what the first one says.
                wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
                try:
                    out += binascii.a2b_uu(line[:wanted])
                except binascii.Error:
                    break
        if out:
            yield "uuencode", bytes(out)
