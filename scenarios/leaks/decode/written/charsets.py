"""Reads letters that another character set or a channel of seven bits made of others: UTF-7, punycode, mojibake,
ISO 2022.
"""

import binascii
import re
from collections.abc import Callable, Iterator

from scenarios.leaks.decode.packed.marks import Found
from scenarios.leaks.decode.written.around import around

_UTF7 = re.compile(rb"[+&]([ABHI][A-Za-z0-9+/,]{2,60}(?![A-Za-z0-9+/,])|[A-Za-z0-9+/,]{3,60}(?=-))-?")
_PUNY = re.compile(rb"(?i:xn--)([A-Za-z0-9-]{1,59})")
_PUNY_MARK = re.compile(rb"(?i:xn--)")
_WORD_END = re.compile(rb"[\s\"'<>,;]")
_LONGEST_WORD = 4_096  # bytes before a label
_MOJI = re.compile(
    rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|\xc5[\x92-\xbe]|\xc6\x92|\xcb[\x86\x9c]"
    rb"|\xe2(?:\x80[\x93-\xba]|\x82\xac|\x84\xa2)){1,3}"
)
# The first byte of a letter in code pages 437 and 850 (box drawings, Greek) and in Mac Roman, then any sign.
_OTHER_MOJI = re.compile(
    rb"(?:\xe2\x94[\x80\x9c\xac\xbc]|\xce\x93|\xe2\x95[\x9e\xa4\xa7]|\xe2\x88\x9a|\xc2\xac|\xc6\x92)"
    rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe2\xe3\xef][\x80-\xbf]{2}){1,3}"
)
_OTHERS = ("cp437", "cp850", "mac_roman")
_SHIFTED = re.compile(rb"\x1b\$[()]?[@A-D][^\x1b]{2,400}(?:\x1b\([BJ])?|~\{[!-w][!-~]{1,400}~\}")
_SHIFTS = ("iso2022_jp_2", "iso2022_kr", "hz")


def utf7(data: bytes) -> Found:
    """Decode "+AOs-" of RFC 2152 and "&AOs-" of mailbox names. Only letters of scripts in common use are accepted."""
    yield from around("utf-7", data, _UTF7, _from_utf7)


def _from_utf7(match: re.Match[bytes]) -> bytes:
    symbols = match[1].replace(b",", b"/")
    size = len(symbols) * 6 // 16 * 2
    try:
        raw = binascii.a2b_base64(symbols[: len(symbols) - (len(symbols) % 4 == 1)] + b"=" * (-len(symbols) % 4))[:size]
        text = raw.decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return match[0]
    known = all(0x20 <= ord(char) < 0x700 or 0x1E00 <= ord(char) < 0x2100 for char in text)
    asian = all(0x3000 <= ord(char) < 0x9FB0 or 0xAC00 <= ord(char) < 0xD7A4 for char in text)
    return text.encode() if text and (known or (asian and match[0].endswith(b"-"))) else match[0]


def punycode(data: bytes) -> Found:
    def plain(match: re.Match[bytes]) -> bytes:
        try:
            return match[1].lower().decode("punycode").encode()
        except UnicodeError:
            return match[0]

    labels = dict.fromkeys(_labels(data, plain))
    if labels:
        yield "punycode", b"\n".join(labels)


def _labels(data: bytes, plain: Callable[[re.Match[bytes]], bytes]) -> Iterator[bytes]:
    """Yield each whole word that holds a punycode label, with the label decoded."""
    last = 0
    for mark in _PUNY_MARK.finditer(data):
        if mark.start() >= last:
            before = _WORD_END.split(data[max(last, mark.start() - _LONGEST_WORD) : mark.start()])[-1]
            end = _WORD_END.search(data, mark.end())
            last = end.start() if end else len(data)
            yield _PUNY.sub(plain, before + data[mark.start() : last])


def mojibake(data: bytes) -> Found:
    """Repair UTF-8 that was read as Windows-1252 or Latin-1 and then written as UTF-8 again."""
    yield from around("mojibake", data, _MOJI, _from_mojibake)
    yield from around("mojibake", data, _OTHER_MOJI, _from_other)


def _from_mojibake(match: re.Match[bytes]) -> bytes:
    text = match[0].decode("utf-8", "replace")
    for charset in ("cp1252", "latin-1"):
        try:
            plain = b"".join(_byte(char, charset) for char in text)
            plain.decode()
        except UnicodeError:
            continue
        return plain
    return match[0]


def _from_other(match: re.Match[bytes]) -> bytes:
    """Repair UTF-8 that was read in a DOS code page or on an old Macintosh."""
    text = match[0].decode("utf-8", "replace")
    for charset in _OTHERS:
        try:
            return text.encode(charset).decode().encode()
        except UnicodeError:
            continue
    return match[0]


def _byte(char: str, charset: str) -> bytes:
    return bytes([ord(char)]) if ord(char) < 0x100 else char.encode(charset)


def shifted(data: bytes) -> Found:
    """Give what escape sequences shift to other characters: ISO 2022 of Japan and Korea, HZ of China."""
    for charset in _SHIFTS:
        if (b"~{" if charset == "hz" else b"\x1b$") not in data:
            continue

        def plain(match: re.Match[bytes], charset: str = charset) -> bytes:
            text = match[0] if charset == "hz" else (b"\x1b$)C" + match[0] if charset.endswith("kr") else match[0])
            return text.decode(charset, "ignore").encode()

        yield from around(charset.replace("_", "-"), data, _SHIFTED, plain)
