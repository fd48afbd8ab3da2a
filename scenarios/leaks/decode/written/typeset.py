"""Reads text as typesetting, printers and programs write it: accents in TeX, letters struck twice, strings put together
of several, Chinese figures.
"""

import re
import unicodedata

from scenarios.leaks.decode.packed.marks import Found
from scenarios.leaks.decode.written.around import around

_LITERALS = re.compile(
    rb"[\"'](?<![\"'].)\s{0,40}(?:[+.&]|\|\|)\s{0,40}[\"'](?=[^\"',:])"
    rb"|[\"'](?<![\"'\s].)(?:[ \t]*\r?\n[ \t]*|[ \t])[\"'](?=[^\"'\s,:])"
)
_STRUCK = re.compile(r"(.)\x08(.)")
# An accent before its letter, in braces or within a word; then letters that have no accent.
_TEX = re.compile(
    rb"\{\\(?:[\"'`^~=.]|[Hcdkruv] )\{?\\?([A-Za-z])\}?\}|\\[\"'`^~=.Hcdkruv]\{\\?([A-Za-z])\}"
    rb"|(?<=[A-Za-z])\\[\"'`^~](?:\\([ij])(?: |\{\})?|([A-Za-z]))(?=[A-Za-z}])"
    rb"|\{\\(ss|ae|oe|aa|o|l|AE|OE|AA|O|L|i)\}|\\(ss|ae|oe|aa|o|l|AE|OE|AA|O|L)(?:\{\}|\\ | (?=[a-z]))"
)
# groff_char(7): a letter's name of two signs, or its number.
_ROFF = re.compile(rb"\\(?:\[u([0-9A-F]{4,5})\]|(?:\[(?=..\])|\()([:'`^~,][A-Za-z]|/[oOlL]|o[aA]|ss|ae|oe|AE|OE)\]?)")
_BY_NAME = {"ss": "ß", "ae": "æ", "oe": "œ", "AE": "Æ", "OE": "Œ", "/o": "ø", "/O": "Ø", "/l": "ł", "/L": "Ł"}
_OVER = {":": "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", ",": "\u0327", "o": "\u030a"}
_NUMERALS = str.maketrans("\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d", "0123456789")
_IN_NUMERALS = re.compile("[\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d]{2,}[-\u30fc\u306e\uff0d]?")


def struck(data: bytes) -> Found:
    """Give the text that a printer shows where it goes back and strikes again: bold and underlined in man pages."""
    lines = [line for line in data.split(b"\n") if b"\x08" in line]
    if not lines:
        return
    text = b"\n".join(lines).decode("utf-8", "replace")
    for _ in range(3):  # bold may strike more than twice
        text = _STRUCK.sub(lambda match: match[1] if match[2] == "_" else match[2], text)
    yield "overstruck", text.encode()


def tex(data: bytes) -> Found:
    """Give letters without the accents that TeX puts before them; the words view has none either."""
    yield from around("tex", data, _TEX, lambda match: next(group for group in match.groups() if group))


def roff(data: bytes) -> Found:
    """Give the letters that a manual page writes by their names: J\\(:urgen, \\[u00C5]sa."""
    yield from around("roff", data, _ROFF, _letter)


def _letter(match: re.Match[bytes]) -> bytes:
    if match[1]:
        code = int(match[1], 16)
        return match[0] if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code).encode()
    name = match[2].decode()
    letter = _BY_NAME.get(name) or unicodedata.normalize("NFC", name[1] + _OVER[name[0]])
    return letter.encode()


def literals(data: bytes) -> Found:
    """Give strings that a program or a catalogue of messages puts together of several, as one."""
    yield from around("literals", data, _LITERALS, lambda _match: b"")


def numerals(data: bytes) -> Found:
    """Give numbers that are written in Chinese numerals figure by figure, as telephone numbers are."""
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if _IN_NUMERALS.search(line)]
    read = (
        _IN_NUMERALS.sub(lambda match: match[0].translate(_NUMERALS).rstrip("\u30fc\u306e\uff0d") + "-", line)
        for line in lines
    )
    if lines:
        yield "numerals", "\n".join(each.replace("--", "-") for each in read).encode()
