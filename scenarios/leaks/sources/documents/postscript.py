"""Reads the texts that PostScript shows: joined strings, and glyphs drawn one by one by their names.

PostScript is a program. What its own procedures draw is not known without running it. A note says so.
"""

import re
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_MOST = 64 * 1024 * 1024
_SHOWN = re.compile(
    rb"/([A-Za-z][A-Za-z0-9.]{0,30})\s+glyphshow|\(((?:[^()\\]|\\.|\([^()]*\)){0,4096})\)|<([0-9A-Fa-f\s]{2,8192})>"
    rb"|\b(?:grestore|showpage|ET|EP)\b",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|\r?\n|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b" ", b"f": b" "}
_NAMES = {
    "space": " ", "at": "@", "period": ".", "comma": ",", "plus": "+", "hyphen": "-", "minus": "-", "underscore": "_",
    "parenleft": "(", "parenright": ")", "slash": "/", "colon": ":", "numbersign": "#", "quotesingle": "'",
    "quoteright": "’", "ampersand": "&", "equal": "=", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "adieresis": "ä", "odieresis": "ö",
    "udieresis": "ü", "eacute": "é", "egrave": "è", "aacute": "á", "iacute": "í", "oacute": "ó", "uacute": "ú",
    "ntilde": "ñ", "ccedilla": "ç", "germandbls": "ß",
}  # fmt: skip


def _read(content: Content) -> Found:
    yield Piece(data="".join(_text(content.whole(_MOST))).encode("utf-8", "replace"), final=True)
    yield Unread(kind="postscript", name="", why="not recognised", detail="a program: its strings and glyphs were read")


def _text(data: bytes) -> Iterator[str]:
    for match in _SHOWN.finditer(data):
        name, string, code = match.groups()
        if name:
            yield _glyph(name.decode())
        elif string is not None:
            yield _ESCAPE.sub(_unescaped, string).decode("latin-1")
        elif code:
            digits = b"".join(code.split())
            yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode()).decode("latin-1")
        else:
            yield "\n"


def _glyph(name: str) -> str:
    """The character of one of Adobe's glyph names. A letter names itself, and `uni00E9` holds a code."""
    if len(name) == 1:
        return name
    code = re.fullmatch(r"u(?:ni)?([0-9A-F]{4,6})", name)
    return chr(int(code[1], 16)) if code and int(code[1], 16) < 0x110000 else _NAMES.get(name, "")


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 255])
    return _ESCAPED.get(match[2], match[2]) if match[2] else b""


POSTSCRIPT = Reader(kind="postscript", knows=begins(b"%!PS", b"%!\n", b"\xc5\xd0\xd3\xc6", b"\x04%!PS"), read=_read)
