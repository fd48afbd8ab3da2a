"""cpio archives -> their files: initial file systems of Linux, payloads of RPM packages. RPM packages -> their payload.

The three header formats are those of the manual page cpio(5): two of text ("070701", "070707"), one of binary numbers.
"""

import struct
from typing import BinaryIO, NamedTuple

from scenarios.leaks.sources.reader.content import STEP, Content, window
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_NEW, _CHECKED, _OLD = b"070701", b"070702", b"070707"
_LITTLE, _BIG = b"\xc7\x71", b"\x71\xc7"
_LAST = "TRAILER!!!"
_LEAD, _HEADER = 96, b"\x8e\xad\xe8"  # bytes; what each of the two headers of an RPM package begins with


class _Member(NamedTuple):
    name: str
    size: int
    align: int


def _is_cpio(content: Content) -> bool:
    head = content.head
    if head.startswith((_NEW, _CHECKED)):
        return head[6:110].isalnum()
    if head.startswith(_OLD):
        return head[6:76].isdigit()
    return head.startswith((_LITTLE, _BIG)) and len(head) > 26 and 1 < _binary(head[:26])[0] < 1024


def _read(content: Content) -> Found:
    with content.open() as file:
        while True:
            member = _next(file)
            if member is None:
                yield Unread(kind="cpio", name="", why="damaged", detail="read up to there")
                return
            if member.name == _LAST:
                break
            begin = file.tell()
            yield Piece(data=window(file, begin, member.size), name=member.name)
            file.seek(begin + member.size + -(begin + member.size) % member.align)
        # An initial file system may be several archives one after the other, the later ones compressed.
        rest = _after_zeros(file)
        if rest < content.size:
            yield Piece(data=window(file, rest, content.size - rest), label="behind its members")


def _next(file: BinaryIO) -> _Member | None:
    mark = file.read(6)
    if mark in (_NEW, _CHECKED):
        fields = file.read(104)
        if len(fields) < 104 or not fields.isalnum():
            return None
        size, length = int(fields[48:56], 16), int(fields[88:96], 16)
        name = file.read(length)
        file.seek(-file.tell() % 4, 1)
        return _Member(_text(name), size, 4)
    if mark == _OLD:
        fields = file.read(70)
        if len(fields) < 70 or not fields.isdigit():
            return None
        length, size = int(fields[53:59], 8), int(fields[59:70], 8)
        return _Member(_text(file.read(length)), size, 1)
    if mark[:2] in (_LITTLE, _BIG):
        head = mark + file.read(20)
        if len(head) < 26:
            return None
        length, size = _binary(head)
        name = file.read(length + length % 2)
        return _Member(_text(name), size, 2)
    return None


def _binary(head: bytes) -> tuple[int, int]:
    """Return the lengths of the name and of the file. The file's is two halves, the upper one first."""
    words = struct.unpack(("<" if head[:2] == _LITTLE else ">") + "13H", head[:26])
    return words[10], words[11] << 16 | words[12]


def _text(name: bytes) -> str:
    return name.rstrip(b"\0").decode("utf-8", "replace")


def _after_zeros(file: BinaryIO) -> int:
    while data := file.read(STEP):
        if data.strip(b"\0"):
            return file.tell() - len(data.lstrip(b"\0"))
    return file.tell()


def _rpm(content: Content) -> Found:
    """Reads two headers of indexed values, the first one padded to eight bytes, then the payload."""
    with content.open() as file:
        file.seek(_LEAD)
        for last in (False, True):
            head = file.read(16)
            if not head.startswith(_HEADER):
                yield Unread(kind="rpm", name="", why="damaged", detail="no header where one must be")
                return
            count, size = struct.unpack(">II", head[8:])
            index, values = file.read(16 * count), file.read(size)
            yield Piece(data=values.replace(b"\0", b"\n"), label="header", final=True)
            if len(index) + len(values) < 16 * count + size:
                yield Unread(kind="rpm", name="", why="damaged", detail="ends within a header")
                return
            if not last:
                file.seek(-file.tell() % 8, 1)
        begin = file.tell()
        yield Piece(data=window(file, begin, content.size - begin), label="payload")


CPIO = Reader(kind="cpio", knows=_is_cpio, read=_read, raw=False)
RPM = Reader(kind="rpm", knows=begins(b"\xed\xab\xee\xdb"), read=_rpm, raw=False)
