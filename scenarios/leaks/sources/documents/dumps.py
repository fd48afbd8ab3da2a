"""Turns bytes that a program printed (xxd, hexdump, od, tcpdump, tshark, a C array) back into bytes.

The words between addresses and signs hold a line's bytes. A value goes on over the end of a line, where no search of
the text sees it.
"""

import re
from collections.abc import Iterator, Sequence
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
_LETTER = rb" {3}[\x20-\x7e]| {2}\\[0abfnrtv]| [0-7]{3}| {1,2}(?:sp|nl|cr|ht|nul|del|esc)"
_LETTERS = re.compile(rb"(?:[0-7]{7}((?:" + _LETTER + rb"){1,16})|((?:" + _LETTER + rb"){2,16}))[ \t]*$")
_NAMED = {b"sp": 32, b"nl": 10, b"cr": 13, b"ht": 9, b"nul": 0, b"del": 127, b"esc": 27}
_BARRED = re.compile(rb"\|0 {3}\|((?:[0-9a-f]{2}\|){14,})")
# The same as `od -An` prints it, without an address; as curl traces it, with a single space before the letters; as gdb
# examines memory, in hex or as characters.
_BARE = re.compile(rb" ((?:[0-9a-f]{16} ?){1,4}|(?:[0-9a-f]{8} ?){1,8})[ \t]*$")
_TRACED = re.compile(rb"[0-9a-f]{4}: ((?:[0-9a-f]{2} ){16})[^\r\n]{16}\r?$")
_EXAMINED = re.compile(rb"0x[0-9a-f]+(?: <[^>\r\n]{1,200}>)?:((?:[ \t]+0x[0-9a-f]{2}){1,16})[ \t]*$")
_CHARACTER = rb"[ \t]+-?[0-9]{1,3} '(?:[^'\\]|\\[^'\s]{1,3}|\\'|')'"
_SHOWN = re.compile(rb"0x[0-9a-f]+(?: <[^>\r\n]{1,200}>)?:((?:" + _CHARACTER + rb"){1,16})[ \t]*$")
# Intel's and Motorola's records of what is burnt into a chip.
_INTEL = re.compile(rb":([0-9A-Fa-f]{2})[0-9A-Fa-f]{4}0([0-5])((?:[0-9A-Fa-f]{2}){1,256})\r?$")
_MOTOROLA = re.compile(rb"S([0-9])[0-9A-Fa-f]{2}((?:[0-9A-Fa-f]{2}){3,255})\r?$")
_ADDRESS = {1: 2, 2: 3, 3: 4}  # bytes of an address in each kind of Motorola's records that holds data
_ARRAY = re.compile(rb"[ \t]*((?:0x[0-9a-fA-F]{1,2}[ \t]*,[ \t]*){3,}(?:0x[0-9a-fA-F]{1,2})?)\r?$")
_SIGNS = {ord("0"): 0, ord("a"): 7, ord("b"): 8, ord("f"): 12, ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("v"): 11}
_ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")


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
    if found := _EXAMINED.match(line):
        made = bytes(int(each, 16) for each in re.findall(rb"0x([0-9a-f]{2})", found[1]))
        return made, made
    if found := _SHOWN.match(line):
        made = bytes(int(each) & 255 for each in re.findall(rb"(-?[0-9]{1,3}) '", found[1]))
        return made, made
    if found := _INTEL.match(line):
        made = bytes.fromhex(found[3].decode())[:-1] if found[2] == b"0" else b""
        return (made, made) if len(made) == int(found[1], 16) else None
    if found := _MOTOROLA.match(line):
        made = bytes.fromhex(found[2].decode())[_ADDRESS.get(int(found[1]), 255) : -1]
        return (made, made) if made else None
    if found := _TRACED.match(line):
        made = bytes.fromhex(found[1].decode())
        return made, made
    if found := _BARE.match(line):
        return _of_words(found[1].split())
    if found := _LINE.match(line):
        words = found[2].replace(b"-", b" ").split()
        if len({len(each) for each in words}) < 3 and not any(len(each) % 2 for each in words):
            return _of_words(words)
    if found := _LETTERS.match(line):
        made = bytes(map(_letter, re.findall(_LETTER, found[1] or found[2])))
        return made, made
    return None


def _of_words(words: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The bytes of words of hex as they stand, and each word backwards: hexdump, od and `xxd -e` print a machine's
    words with the higher byte first.
    """
    each = [bytes.fromhex(word.decode()) for word in words]
    return b"".join(each), b"".join(word[::-1] for word in each)


def _letter(said: bytes) -> int:
    """The byte that one column of `od -c` or `od -a` stands for."""
    sign = said.strip(b" ")
    if len(said) == 4 and said[:3] == b"   ":
        return said[3]
    if sign in _NAMED:
        return _NAMED[sign]
    return _SIGNS[sign[1]] if sign[:1] == b"\\" else int(sign, 8) & 255


DUMP = Reader(kind="dump of bytes", knows=_is_dump, read=_read)
