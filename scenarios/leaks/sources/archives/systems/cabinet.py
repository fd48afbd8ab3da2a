"""Microsoft's cabinets -> their files. Read are folders that are stored or in MSZIP; LZX and Quantum are named.

The format is [MS-CAB]. A block of MSZIP is deflate behind "CK". It begins with what the block before it gave.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_PREVIOUS, _NEXT, _RESERVED = 1, 2, 4  # flags of the header
_STORED, _MSZIP = 0, 1
_WIDE_NAME = 0x80  # attribute: the name is UTF-8
_HEAD, _MAJOR = 36, 25  # bytes of a cabinet's head, and where its version stands
_BLOCK = 8  # bytes of a block's head
_WINDOW = 32 * 1024
_MOST_FILES = 100_000


class _Folder(NamedTuple):
    at: int
    blocks: int
    method: int
    files: list[tuple[str, int, int]]  # name, beginning, size


def _read(content: Content) -> Found:
    with content.open() as file:
        head = file.read(_HEAD)
        if len(head) < _HEAD or head[_MAJOR] != 1 or int.from_bytes(head[8:12], "little") < _HEAD:
            yield Unread(kind="cab", name="", why="damaged", detail="its head is not a cabinet's")
            return
        folders, spare, elsewhere = _folders(file, head)
        if elsewhere:
            yield Unread(
                kind="cab", name="", why="damaged", detail=f"{elsewhere} files begin or end in another cabinet"
            )
        for folder in folders:
            if folder.method not in (_STORED, _MSZIP):
                detail = f"compressed by method {folder.method}, which is not read"
                for name, _, _ in folder.files:
                    yield Unread(kind="cab", name=name, why="unknown container", detail=detail)
                continue
            data = b"".join(_blocks(file, folder, spare))
            for name, at, size in folder.files:
                yield Piece(data=data[at : at + size], name=name)
                if len(data) < at + size:
                    yield Unread(kind="cab", name=name, why="damaged", detail="read up to there")


def _folders(file: BinaryIO, head: bytes) -> tuple[list[_Folder], int, int]:
    """Return the folders with their files, the spare bytes of a block's head, and how many files are elsewhere."""
    first, folders, files, flags = struct.unpack("<I6xHHH", head[16:32])
    folder_spare = block_spare = 0
    if flags & _RESERVED:
        header_spare, folder_spare, block_spare = struct.unpack("<HBB", file.read(4))
        file.seek(header_spare, 1)
    for _ in range(2 * bool(flags & _PREVIOUS) + 2 * bool(flags & _NEXT)):
        _string(file)
    found = []
    for _ in range(folders):
        at, blocks, method = struct.unpack("<IHH", file.read(8))
        file.seek(folder_spare, 1)
        found.append(_Folder(at, blocks, method & 15, []))
    file.seek(first)
    for _ in range(min(files, _MOST_FILES)):
        size, at, folder, attributes = struct.unpack("<IIH4xH", file.read(16))
        name = _string(file).decode("utf-8" if attributes & _WIDE_NAME else "cp1252", "replace")
        if folder < len(found):
            found[folder].files.append((name.replace("\\", "/"), at, size))
    return found, block_spare, files - sum(len(folder.files) for folder in found)


def _blocks(file: BinaryIO, folder: _Folder, spare: int) -> Iterator[bytes]:
    """Yield what each block gives, up to the first one that is damaged or missing."""
    before = b""
    file.seek(folder.at)
    for _ in range(folder.blocks):
        head = file.read(_BLOCK)
        if len(head) < _BLOCK:
            return
        file.seek(spare, 1)
        data = file.read(int.from_bytes(head[4:6], "little"))
        if folder.method == _MSZIP:
            stream = zlib.decompressobj(-15, zdict=before) if before else zlib.decompressobj(-15)
            try:
                data = before = stream.decompress(data[2:], _WINDOW)
            except zlib.error:
                return
        yield data


def _string(file: BinaryIO) -> bytes:
    out = bytearray()
    while (byte := file.read(1)) not in (b"", b"\0"):
        out += byte
    return bytes(out)


CABINET = Reader(kind="cab", knows=begins(b"MSCF\0\0\0\0"), read=_read)
