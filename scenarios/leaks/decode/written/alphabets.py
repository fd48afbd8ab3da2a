"""Reads other ways to write the bytes of a text: CSS escapes, Adobe's Ascii85, base32 with the digits first, dotted
codes.
"""

import base64
import binascii
import re

from scenarios.leaks.decode.packed.marks import Found, begins_marked, is_binary, plausible
from scenarios.leaks.decode.packed.unmarked import opens

_CSS = re.compile(rb"(?:\\[0-9A-Fa-f]{2,6} ?){4,}")
_CSS_ONE = re.compile(rb"\\([0-9A-Fa-f]{2,6}) ?")
# What a style sheet writes into a page: there a few letters may be escaped among others.
_CONTENT = re.compile(rb"content\s{0,9}:\s{0,9}(\"[^\"\n]{1,4000}\"|'[^'\n]{1,4000}')")
_CONTENT_ONE = re.compile(rb"\\([0-9A-Fa-f]{1,6})\s?")
_OCTAL = re.compile(rb"(?:\\[0-3][0-7]{2})+")
# RFC 4648, 7: also over the ends of lines.
_HEX_32 = re.compile(rb"(?<![0-9A-Za-z+/])(?:[0-9A-V]{12,}(?:\r?\n[0-9A-V]+)*|[0-9a-v]{16,})(?![0-9A-Za-z+/])")
_HEX_DIGITS = b"0123456789ABCDEF\r\n"
_ADOBE = re.compile(rb"<~([!-uz\s]{6,}?)~>")
_DOTTED = re.compile(rb"(?<![0-9A-Za-z.])[0-9A-Fa-f]{2,3}(?:\.[0-9A-Fa-f]{2,3}){8,}(?![0-9A-Za-z.])")


def css(data: bytes) -> Found:
    r"""Yield texts of CSS escapes, "\4c \000065" and so on."""
    texts = []
    for match in _CSS.finditer(data):
        if _OCTAL.fullmatch(match[0]):
            continue  # read as octal elsewhere
        codes = (int(code, 16) for code in _CSS_ONE.findall(match[0]))
        texts.append("".join(chr(c) for c in codes if c <= 0x10FFFF and not 0xD800 <= c < 0xE000).encode())
    texts = [text for text in texts if plausible(text)]
    for match in _CONTENT.finditer(data):
        if (text := _CONTENT_ONE.sub(_character, match[1])) != match[1]:
            texts.append(text)
    if texts:
        yield "escapes", b"\n".join(texts)


def _character(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16)
    return chr(code).encode() if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else b""


def adobe(data: bytes) -> Found:
    """Yield what Ascii85 between Adobe's signs holds, over the ends of lines."""
    for match in _ADOBE.finditer(data):
        try:
            yield "ascii85", base64.a85decode(match[1])
        except ValueError:
            continue


def base32hex(data: bytes) -> Found:
    """Yield what base32 with the digits first holds: text on one line each, a packed piece by itself."""
    texts = []
    for match in _HEX_32.finditer(data):
        token = b"".join(match[0].split()).upper()
        if not token.translate(None, _HEX_DIGITS) or token.isalpha():
            continue  # hex, or a word
        piece = _bits(token)
        if plausible(piece) and not begins_marked(piece):
            texts.append(piece)
        elif is_binary(piece) and (begins_marked(piece) or opens(piece)):
            yield "base32", piece
    if texts:
        yield "base32", b"\n".join(texts)


def _bits(token: bytes) -> bytes:
    """Decode all whole bytes of a token."""
    whole = token[: len(token) * 5 // 8 * 8 // 5 + (len(token) * 5 // 8 * 8 % 5 > 0)]
    try:
        return base64.b32hexdecode(whole + b"=" * (-len(whole) % 8))
    except binascii.Error:
        return b""


def dotted(data: bytes) -> Found:
    """Yield texts whose bytes stand between dots, decimal or hex, as a version string is printed."""
    texts = []
    for match in _DOTTED.finditer(data):
        codes = match[0].split(b".")
        for base in (10, 16) if b"".join(codes).isdigit() else (16,):
            numbers = [int(code, base) for code in codes]
            if max(numbers) < 256 and plausible(bytes(numbers)):
                texts.append(bytes(numbers))
    if texts:
        yield "codes", b"\n".join(texts)
