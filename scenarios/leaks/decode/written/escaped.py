r"""Takes away what a pattern, a shell, a directory or an office format puts before or around a character: "\(503\)",
"\C3\A1", "_x0020_".
"""

import re

from scenarios.leaks.decode.packed.marks import Found
from scenarios.leaks.decode.written.around import around

_REACH = 120  # bytes on either side that a name or an address may need
_SIGN = re.compile(rb"\\([ ()\-./+:])")
_UTF8 = re.compile(rb"(?:\\[C-Fc-f][0-9A-Fa-f](?:\\[89ABab][0-9A-Fa-f]){1,3})+")
_OFFICE = re.compile(rb"_x([0-9A-Fa-f]{4})_")


def signs(data: bytes) -> Found:
    """Give numbers without the backslashes that a regular expression, Markdown or a shell needs before their signs."""
    yield from around("escapes", data, _SIGN, lambda match: match[1], reach=_REACH)


def directory(data: bytes) -> Found:
    """Give the letters that distinguished names write as a backslash and two hex digits a byte (RFC 4514)."""
    yield from around("escapes", data, _UTF8, lambda match: bytes.fromhex(match[0].replace(b"\\", b"").decode()))


def office(data: bytes) -> Found:
    """Give the characters that spreadsheets and PowerShell write as their code between underscores."""
    yield from around("escapes", data, _OFFICE, _character, reach=_REACH)


def _character(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16)
    return b" " if code < 32 else chr(code).encode("utf-8", "replace")
