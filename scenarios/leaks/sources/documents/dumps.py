"""Turns bytes that a program printed (xxd, hexdump, od, tcpdump, tshark, a C array) back into bytes.

The words between addresses and signs hold a line's bytes. A value goes on over the end of a line, where no search of
the text sees it.
"""

import re
from collections.abc import Iterator
from typing import Literal

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_MOST = 64 * 1024 * 1024
_FEWEST = 3  # lines beside each other
_LONG = 32  # bytes of one line that says enough
_LINES = 200  # of the beginning, in which such lines must stand
# An address, then words of one length; behind two spaces or a sign the same bytes as letters.
_LINE = re.compile(
    rb"[ \t]*(?:0x)?([0-9a-fA-F]{3,16})[:|]?[ \t]+"
    rb"((?:[0-9a-fA-F]{2}(?:[0-9a-fA-F]{2}){0,7}(?:  ?|-)){0,31}[0-9a-fA-F]{2,16})(?=[ \t]{2}|[ \t]*[>|\r]|[ \t]*$)"
)
_BITS = re.compile(rb"[0-9a-f]{8}: ((?:[01]{8} ){0,15}[01]{8})(?= |$)")
_OCTAL = re.compile(rb"[0-7]{7}((?: [0-7]{6}){1,8})[ \t]*$")
_LETTERS = re.compile(rb"[0-7]{7}((?: {3}[\x20-\x7e]| {2}\\[0abfnrtv]| [0-7]{3}){1,16})[ \t]*$")
_BARRED = re.compile(rb"\|0 {3}\|((?:[0-9a-f]{2}\|){14,})")
_ARRAY = re.compile(rb"[ \t]*((?:0x[0-9a-fA-F]{1,2}[ \t]*,[ \t]*){3,}(?:0x[0-9a-fA-F]{1,2})?)\r?$")
_SIGNS = {ord("0"): 0, ord("a"): 7, ord("b"): 8, ord("f"): 12, ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("v"): 11}
_ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
_WORD = 4  # digits of two bytes, which hexdump and od print with the higher one first


def _is_dump(content: Content) -> bool:
    run = 0
    for line in content.head.split(b"\n")[:_LINES]:
        run = run + 1 if _bytes_of(line) else 0
        if run == _FEWEST or _BARRED.match(line):
            return True
    return False


def _read(content: Content) -> Found:
    for each in _runs(content.whole(_MOST)):
        yield Piece(data=each)


def _runs(data: bytes) -> Iterator[bytes]:
    """Yield the bytes of all lines beside each other. Words of two bytes are given in both orders."""
    run: list[tuple[bytes, bytes]] = []
    for line in (*data.split(b"\n"), b""):
        told = _bytes_of(line)
        if told:
            run.append(told)
            continue
        if run and line.strip() in (b"", b"*") and line:
            continue
        if len(run) > 1 or (run and len(run[0][0]) >= _LONG):
            yield from dict.fromkeys(b"".join(each) for each in zip(*run, strict=True))
        run = []


def _bytes_of(line: bytes) -> tuple[bytes, bytes] | None:
    """The bytes that a line shows, and the same with each pair of them the other way round. None if it shows none."""
    if found := _BITS.match(line):
        made = bytes(int(each, 2) for each in found[1].split())
        return made, made
    if found := _OCTAL.match(line):
        numbers = [int(each, 8) & 0xFFFF for each in found[1].split()]
        low, high = (b"".join(each.to_bytes(2, order) for each in numbers) for order in _ORDERS)
        return low, high
    if found := _ARRAY.match(line):
        made = bytes(int(each, 16) for each in re.findall(rb"0x([0-9a-fA-F]{1,2})", found[1]))
        return made, made
    if found := _BARRED.match(line):
        made = bytes.fromhex(found[1].replace(b"|", b"").decode())
        return made, made
    if found := _LINE.match(line):
        words = found[2].replace(b"-", b" ").split()
        if len({len(each) for each in words}) < 3 and not any(len(each) % 2 for each in words):
            made = bytes.fromhex(b"".join(words).decode())
            turned = b"".join(bytes.fromhex(each.decode())[::-1] if len(each) == _WORD else b"" for each in words)
            return made, turned
    if found := _LETTERS.match(line):
        made = bytes(map(_letter, re.findall(rb" {3}([\x20-\x7e])| {2}(\\.)| ([0-7]{3})", found[1])))
        return made, made
    return None


def _letter(said: tuple[bytes, bytes, bytes]) -> int:
    letter, escape, octal = said
    return letter[0] if letter else _SIGNS[escape[1]] if escape else int(octal, 8) & 255


DUMP = Reader(kind="dump of bytes", knows=_is_dump, read=_read)
