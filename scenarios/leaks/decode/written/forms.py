"""Reads values that a form or a format cuts up: encoded words of mail headers, passports' lines, pieces of tokenizers,
lines that go on behind a backslash, digits that are read out in groups, names under keys of their own.
"""

import binascii
import re

from scenarios.leaks.decode.packed.marks import Found
from scenarios.leaks.decode.written.around import around

_REACH = 60  # bytes on either side that a name or an address may need
_WORD = rb"=\?([A-Za-z0-9_-]{2,20})(?:\*[A-Za-z-]{1,10})?\?([BbQq])\?([^?\r\n]{0,400})\?="
_ENCODED = re.compile(_WORD)
_ENCODED_RUN = re.compile(_WORD + rb"(?:\s+" + _WORD + rb")*")
_CODE = re.compile(rb"=([0-9A-Fa-f]{2})")
# Family name, given names (ICAO 9303): in a passport three letters of a country stand before them.
_MACHINE = re.compile(rb"([A-Z]{2,39}(?:<[A-Z]{1,39}){0,5})<<([A-Z]{2,39}(?:<[A-Z]{1,39}){0,5})")
_BEGUN = re.compile("[\u2581\u0120]")
_CONTINUED = re.compile(rb"\\\r?\n[ \t]*")
_READ_OUT = re.compile(rb"(?<![0-9.,])[0-9](?:(?:,|\.|;| -)? [0-9]){6,16}(?![0-9]|[.,][0-9])")
_BETWEEN_GROUPS = re.compile(rb"(?:,|\.|;| -) ")
_KEY = (
    rb"(?:first|last|given|family|middle|surname|forename|fname|lname|vorname|nachname|pr[e\xc3][\xa9]?nom|apellido|"
    rb"nombre|cognome)"
)
_NAMED = re.compile(
    rb"(?i)" + _KEY + rb"[A-Za-z0-9_:.-]{0,12}[\"']?\s{0,3}(?:[=:]>?)?\s{0,3}[\[({]?\s{0,3}"
    rb"(?:\"([^\"<>{}\[\]\r\n]{2,40})\"|'([^'<>{}\[\]\r\n]{2,40})')"
)
_NEAR = 160  # bytes between two names of one person


def encoded_words(data: bytes) -> Found:
    """Decode RFC 2047's words. Nothing stands between two of them."""
    yield from around("encoded words", data, _ENCODED_RUN, _header, reach=_REACH)


def _header(match: re.Match[bytes]) -> bytes:
    text, held, charset = "", b"", ""
    for name, kind, said in _ENCODED.findall(match[0]):
        if charset and name.lower() != charset:
            text, held = text + _decoded(held, charset), b""
        charset = name.lower().decode()
        held += _bytes(kind, said)
    return (text + _decoded(held, charset)).encode("utf-8", "replace")


def _bytes(kind: bytes, said: bytes) -> bytes:
    if kind in b"Qq":
        return _CODE.sub(lambda code: bytes.fromhex(code[1].decode()), said.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(said + b"=" * (-len(said) % 4))
    except binascii.Error:
        return b""


def _decoded(held: bytes, charset: str) -> str:
    try:
        return held.decode(charset, "replace")
    except LookupError:
        return held.decode("utf-8", "replace")


def machine_readable(data: bytes) -> Found:
    """Yield "FAMILY, GIVEN" of the lines that machines read in passports and cards."""
    found = []
    for match in _MACHINE.finditer(data):
        family, given = (each.replace(b"<", b" ") for each in match.groups())
        found.append(family + b", " + given)
        if len(family) > 4:  # "P<UTOERIKSSON": the country is glued to the name
            found.append(family[3:] + b", " + given)
    if found:
        yield "machine-readable", b"\n".join(found)


def pieces(data: bytes) -> Found:
    """Yield text without what the tokenizers of language models put into it: "##" and the marks of a word's
    beginning.
    """
    lines = []
    for line in data.split(b"\n"):
        if b" ##" in line:
            lines.append(line.replace(b" ##", b""))
        elif b"\xe2\x96\x81" in line or b"\xc4\xa0" in line:
            lines.append(_BEGUN.sub(" ", line.decode("utf-8", "replace").replace(" ", "")).encode())
    if lines:
        yield "pieces", b"\n".join(lines)


def continued(data: bytes) -> Found:
    """Join lines that end in a backslash with the next one."""
    yield from around("continued", data, _CONTINUED, lambda _match: b"", reach=_REACH)


def read_out(data: bytes) -> Found:
    """Yield numbers whose digits stand one by one, in groups: "5 4 1, 5 5 5, 0 1 8 7". A list of digits has no
    groups.
    """
    found = []
    for match in _READ_OUT.finditer(data):
        groups = [b"".join(group.split()) for group in _BETWEEN_GROUPS.split(match[0])]
        if len(groups) > 1 and min(map(len, groups)) > 1:
            found.append(b" ".join(groups))
    if found:
        yield "read out", b"\n".join(found)


def named(data: bytes) -> Found:
    """Yield the names that stand under keys of their own near each other, wherever that is: attributes, Turtle,
    lists.
    """
    lines: list[list[bytes]] = []
    last = -_NEAR
    for match in _NAMED.finditer(data):
        if match.start() - last >= _NEAR:
            lines.append([])
        lines[-1].append(match[1] or match[2])
        last = match.end()
    several = [b"    ".join(line) for line in lines if len(line) > 1]
    if several:
        yield "fields", b"\n;\n".join(several)
