"""MATLAB's files up to version 7 -> their variables. Each may be compressed by zlib; the rest stands as it is.

Version 7.3 is HDF5. The format is MathWorks' "MAT-File Format", chapter 1.
"""

import zlib
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_HEADER, _TAG = 128, 8  # bytes
_COMPRESSED = 15  # type of an element


def _read(content: Content) -> Found:
    order = "little" if content.head[126:128] == b"IM" else "big"
    with content.open() as file:
        file.seek(_HEADER)
        while len(tag := file.read(_TAG)) == _TAG:
            kind, size = int.from_bytes(tag[:4], order), int.from_bytes(tag[4:], order)  # type: ignore[arg-type]
            begin = file.tell()
            if begin + size > content.size:
                yield Unread(kind="mat", name="", why="damaged", detail="ends within a variable")
            if kind == _COMPRESSED:
                yield Piece(data=_inflated(file.read(min(size, content.size))), label="variable", final=True)
            file.seek(begin + size)


def _inflated(data: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    while data and not stream.eof:
        yield stream.decompress(data, STEP)
        data = stream.unconsumed_tail


MATLAB = Reader(kind="mat", knows=begins(b"MATLAB 5.0 MAT"), read=_read)
