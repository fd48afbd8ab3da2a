"""Reads other ways to write the bytes of a text: CSS escapes, base32 with the digits first, dotted codes."""

import base64
import binascii
import re

from scenarios.leaks.decode.packed.marks import Found, begins_marked, is_binary, plausible
from scenarios.leaks.decode.packed.unmarked import opens

_CSS = re.compile(rb"(?:\\[0-9A-Fa-f]{2,6} ?){4,}")
_CSS_ONE = re.compile(rb"\\([0-9A-Fa-f]{2,6}) ?")
_OCTAL = re.compile(rb"(?:\\[0-3][0-7]{2})+")
# RFC 4648, 7: also over the ends of lines.
_HEX_32 = re.compile(rb"(?<![0-9A-Za-z+/])(?:[0-9A-V]{12,}(?:\r?\n[0-9A-V]+)*|[0-9a-v]{16,})(?![0-9A-Za-z+/])")
_HEX_DIGITS = b"0123456789ABCDEF\r\n"
_DOTTED = re.compile(rb"(?<![0-9A-Za-z.])[0-9A-Fa-f]{2,3}(?:\.[0-9A-Fa-f]{2,3}){8,}(?![0-9A-Za-z.])")


def css(data: bytes) -> Found:
    r"""Yield texts of CSS escapes, "\4c \000065" and so on."""
    texts = []
    for match in _CSS.finditer(data):
        if _OCTAL.fullmatch(match[0]):
            continue  # read as octal elsewhere
        codes = (int(code, 16) for code in _CSS_ONE.findall(match[0]))
        texts.append("".join(chr(c) for c in codes if c <= 0x10FFFF and not 0xD800 <= c < 0xE000).encode())
    if texts := [text for text in texts if plausible(text)]:
        yield "escapes", b"\n".join(texts)


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
