"""Zip archives -> their members by every local header, listed or not, and the bytes between them."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from scenarios.leaks.sources.archives.streams import Deflate, Ended, unpacked, zstd_frames
from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_LOCAL, _END, _END64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06"
_HEADER = struct.Struct("<4sHHHHHIIIHH")  # local file header, PKWARE APPNOTE 4.3.7
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")  # one entry of the central directory, 4.3.12
_BEHIND = 0xFFFFFFFF  # the figure stands in the zip64 extra field, 4.5.3
_ENCRYPTED, _UTF8 = 0x1, 0x800
_MOST = 100_000  # members
_GAP = 64 * 1024 * 1024  # bytes between members that are looked through for headers
_DAMAGE = (Ended, OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError)


class _Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member. `start` and `size` are those of its compressed bytes, `at` is the place of its local header."""

    name: str
    method: int
    encrypted: bool
    at: int
    start: int
    size: int


class Window:
    """`size` bytes of a file from `start` on, as a file of their own to read once."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._left = file, start, size

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        self._file.seek(self._at)
        data = self._file.read(size)
        self._at += len(data)
        self._left -= len(data)
        return data


def _read(content: Content) -> Found:
    with content.open() as file:
        listed, broken = _listed(file, content.size)
        if broken:
            yield Unread(kind="zip", name="", why="damaged", detail=broken)
        for member in listed:
            yield from _member(file, member)
        for start, end in _gaps(listed, content.size):
            file.seek(start)
            data = file.read(min(end - start, _GAP))
            for member in _unlisted(data, start):
                yield from _member(file, member)
            if data.strip(b"\x00"):
                yield Piece(data=data, label="between its members", final=True)


def _listed(file: BinaryIO, size: int) -> tuple[list[_Member], str]:
    """Members that the central directory lists, in the order of their places, and what is wrong with the directory."""
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return [], "no directory: cut off"
    count, length, offset = struct.unpack_from("<HII", tail, at + 10)
    if _BEHIND in (length, offset) or count == 0xFFFF:
        at64 = tail.rfind(_END64, 0, at)
        if at64 >= 0:
            count, length, offset = struct.unpack_from("<QQQ", tail, at64 + 32)
    file.seek(offset)
    directory = file.read(min(length, size))
    members: list[_Member] = []
    place = 0
    while directory.startswith(b"PK\x01\x02", place) and len(members) < _MOST:
        if place + _ENTRY.size > len(directory):
            break
        entry = _ENTRY.unpack_from(directory, place)
        lengths = entry[10:13]
        name = directory[place + _ENTRY.size : place + _ENTRY.size + lengths[0]]
        extra = directory[place + _ENTRY.size + lengths[0] :][: lengths[1]]
        place += _ENTRY.size + sum(lengths)
        packed, header = _wide(extra, entry[8], entry[9], entry[16])
        found = _at(file, header, entry[3], entry[4], packed, name)
        if found:
            members.append(found)
    broken = "" if len(members) == count else f"the directory counts {count} members, {len(members)} could be read"
    return sorted(members, key=lambda member: member.at), broken


def _wide(extra: bytes, packed: int, unpacked_size: int, header: int) -> tuple[int, int]:
    """Size and place. They come from the zip64 field if they are too large for the entry."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            values = [int.from_bytes(extra[at + 4 + 8 * n : at + 12 + 8 * n], "little") for n in range(length // 8)]
            if unpacked_size == _BEHIND and values:
                values.pop(0)
            if packed == _BEHIND and values:
                packed = values.pop(0)
            if header == _BEHIND and values:
                header = values.pop(0)
        at += 4 + length
    return packed, header


def _at(file: BinaryIO, header: int, flags: int, method: int, size: int, name: bytes) -> _Member | None:
    file.seek(header)
    local = file.read(_HEADER.size)
    if len(local) < _HEADER.size or not local.startswith(_LOCAL):
        return None
    start = header + _HEADER.size + sum(_HEADER.unpack(local)[9:11])
    return _Member(
        name=name.decode("utf-8" if flags & _UTF8 else "cp437", "replace"),
        method=method,
        encrypted=bool(flags & _ENCRYPTED),
        at=header,
        start=start,
        size=size,
    )


def _gaps(members: Sequence[_Member], size: int) -> Iterator[tuple[int, int]]:
    at = 0
    for member in members:
        if member.at > at:
            yield at, member.at
        at = max(at, member.start + member.size)
    if at < size:
        yield at, size


def _unlisted(data: bytes, start: int) -> Iterator[_Member]:
    """Members whose local header stands where the directory lists none. An archive that was cut off has such."""
    found: list[tuple[int, int, tuple[Any, ...], bytes]] = []
    at = data.find(_LOCAL)
    while at >= 0 and len(found) < _MOST and at + _HEADER.size <= len(data):
        header = _HEADER.unpack_from(data, at)
        first = at + _HEADER.size + header[9] + header[10]
        found.append((at, first, header, data[at + _HEADER.size :][: header[9]]))
        at = data.find(_LOCAL, at + 4)
    for at, first, header, name in found:
        following = next((each[0] for each in found if each[0] > at), len(data))
        size = header[7] if header[7] and not header[2] & 8 else max(following - first, 0)
        yield _Member(
            name=name.decode("utf-8" if header[2] & _UTF8 else "cp437", "replace"),
            method=header[3],
            encrypted=bool(header[2] & _ENCRYPTED),
            at=start + at,
            start=start + first,
            size=min(size, max(len(data) - first, 0)),
        )


def _member(file: BinaryIO, member: _Member) -> Found:
    if member.encrypted:
        yield Piece(data=b"", name=member.name)
        yield Unread(kind="zip", name=member.name, why="encrypted")
        return
    opening = _METHODS.get(member.method)
    if opening is None:
        yield Piece(data=b"", name=member.name)
        yield Unread(kind="zip", name=member.name, why="unknown container", detail=f"method {member.method}")
        return
    ended: list[str] = []
    missing: list[str] = []

    def running() -> Iterator[bytes]:
        try:
            yield from opening(Window(file, member.start, member.size))
        except ImportError as error:
            missing.append(str(error))
        except _DAMAGE as error:
            ended.append(str(error))

    yield Piece(data=running(), name=member.name)
    if missing:
        yield Unread(kind="zip", name=member.name, why="missing extra", detail="install earlid[files]")
    if ended:
        yield Unread(kind="zip", name=member.name, why="damaged", detail=f"{ended[0]}; read up to there")


def _stored(window: Any) -> Iterator[bytes]:
    return iter(lambda: window.read(STEP), b"")


def _by(new: Callable[[], Any]) -> Callable[[Any], Iterator[bytes]]:
    return lambda window: unpacked(window, new)


def _lzma(window: Any) -> Iterator[bytes]:
    """Reads a member as APPNOTE 5.8.8 describes: two bytes of version, the length of the properties, the properties, a
    bare stream.
    """
    head = window.read(4)
    properties = window.read(int.from_bytes(head[2:4], "little"))
    literal = properties[0]
    chosen: dict[str, Any] = {
        "id": lzma.FILTER_LZMA1,
        "lc": literal % 9,
        "lp": literal // 9 % 5,
        "pb": literal // 45,
        "dict_size": max(4096, int.from_bytes(properties[1:5], "little")),
    }
    stream = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chosen])
    data = window.read(64 * 1024)
    while data or not stream.needs_input:
        out = stream.decompress(data, STEP)
        if out:
            yield out
        if stream.eof:
            return
        data = window.read(64 * 1024) if stream.needs_input else b""


def _deflate64(window: Any) -> Iterator[bytes]:
    import inflate64

    stream = inflate64.Inflater()
    return (stream.inflate(data) for data in iter(lambda: window.read(16 * 1024), b""))


_METHODS: dict[int, Callable[[Any], Iterator[bytes]]] = {
    0: _stored,
    8: _by(lambda: Deflate(-zlib.MAX_WBITS)),
    9: _deflate64,
    12: _by(bz2.BZ2Decompressor),
    14: _lzma,
    93: zstd_frames,
    95: _by(lzma.LZMADecompressor),
}

ZIP = Reader(kind="zip", knows=begins(_LOCAL, _END, b"PK00PK\x03\x04", b"PK\x07\x08PK"), read=_read, raw=False)
