"""Unpacks compressed streams of any length piece by piece. Of a stream that was cut off it gives what is there, and
says so.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import brotli

from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_FED_ZSTD = 2 * 1024
_FED = 64 * 1024  # compressed bytes at a time: a megabyte of them can stand for a gigabyte
_LZMA_MEMORY = 256 * 1024 * 1024
_ERRORS = (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError)
_SNAPPY = b"\xff\x06\x00\x00sNaPpY"


class Stream(Protocol):
    """The interface that the standard library's decompressors share. `decompress` gives at most `limit` bytes."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, limit: int, /) -> bytes: ...


class Ended(ValueError):
    """The stream stopped before its end, because it was cut off or damaged. All bytes before that have been given."""


class Deflate:
    """zlib's decompressor with that interface. Of a damaged stream it gives every byte before the damage."""

    def __init__(self, window: int) -> None:
        self._stream = zlib.decompressobj(window)
        self._broken = False

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    def decompress(self, data: bytes, limit: int) -> bytes:
        if self._broken:
            raise zlib.error("damaged")
        before, data = self._stream.copy(), self._stream.unconsumed_tail + data
        try:
            return self._stream.decompress(data, limit)
        except zlib.error:
            self._broken = True
            return _up_to_the_damage(before, data, limit)


def _up_to_the_damage(stream: "zlib._Decompress", data: bytes, limit: int) -> bytes:
    out = bytearray()
    try:
        for at in range(len(data)):
            out += stream.decompress(data[at : at + 1])
            if len(out) > limit:
                break
    except zlib.error:
        pass
    return bytes(out)


def unpacked(file: BinaryIO, new: Callable[[], Stream]) -> Iterator[bytes]:
    """Unpacks all streams of a file from its present position. Bytes behind the last stream come as they are.

    Raises:
        Ended: cut or damaged.
    """
    data, first = file.read(_FED), True
    while data:
        stream, given = new(), False
        try:
            for out in _one(stream, data, file):
                given = True
                yield out
        except Ended:
            if first or given:
                raise
            yield data  # no further stream
            yield from iter(lambda: file.read(STEP), b"")
            return
        data, first = stream.unused_data or b"", False
        while not data.strip(b"\x00") and (more := file.read(_FED)):
            data = more
        data = data.lstrip(b"\x00")


def _one(stream: Stream, data: bytes, file: BinaryIO) -> Iterator[bytes]:
    while True:
        try:
            out = stream.decompress(data, STEP)
        except _ERRORS as error:
            raise Ended(f"damaged: {type(error).__name__}") from None
        if out:
            yield out
        if stream.eof:
            return
        data = b""
        if stream.needs_input:
            data = file.read(_FED)
            if not data:
                raise Ended("the file ends before the stream does")


def reading(kind: str, new: Callable[[], Stream]) -> Callable[[Content], Found]:
    """Return the `read` of a compression: what `new` unpacks, and whether it came to its end."""

    def read(content: Content) -> Found:
        yield from _told(kind, _opened(content, new))

    return read


def _opened(content: Content, new: Callable[[], Stream]) -> Iterator[bytes]:
    with content.open() as file:
        yield from unpacked(file, new)


def _told(kind: str, pieces: Iterator[bytes]) -> Found:
    """One piece, and after it whether it came to its end."""
    ended: list[str] = []

    def running() -> Iterator[bytes]:
        try:
            yield from pieces
        except (Ended, *_ERRORS) as error:
            ended.append(str(error))

    yield Piece(data=running())
    if ended:
        yield Unread(kind=kind, name="", why="damaged", detail=f"{ended[0]}; read up to there")


def _lz4() -> Stream:
    import lz4.frame

    made: Stream = lz4.frame.LZ4FrameDecompressor()
    return made


def _zstd(content: Content) -> Found:
    def pieces() -> Iterator[bytes]:
        with content.open() as file:
            yield from zstd_frames(file)

    yield from _told("zstd", pieces())


def zstd_frames(file: BinaryIO) -> Iterator[bytes]:
    """Unpacks all frames, one after another. A few bytes can stand for 128 KB, so it feeds few at a time.

    Raises:
        Ended: cut or damaged.
    """
    import zstandard

    stream, begun = None, False
    while data := file.read(_FED_ZSTD):
        while data:
            if stream is None:
                stream, begun = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj(), False
            try:
                out = stream.decompress(data)
            except zstandard.ZstdError as error:
                raise Ended(f"damaged: {error}") from None
            begun, data = True, b""
            if out:
                yield out
            if stream.eof:
                data, stream = stream.unused_data, None
    if stream is not None and begun:
        raise Ended("the file ends before the stream does")


def _snappy(content: Content) -> Found:
    """Reads the framing format: chunks of at most 64 KB, each with its type and length."""

    def pieces() -> Iterator[bytes]:
        import cramjam

        with content.open() as file:
            while len(head := file.read(4)) == 4:
                data = file.read(int.from_bytes(head[1:], "little"))
                if head[0] == 0:
                    yield bytes(cramjam.snappy.decompress_raw(data[4:]))
                elif head[0] == 1:
                    yield data[4:]

    yield from _told("snappy", pieces())


def is_zlib(content: Content) -> bool:
    """Whether it has RFC 1950's header without a preset dictionary, and its beginning inflates to more than a byte."""
    head = content.head
    if len(head) < 8 or head[0] & 15 != 8 or head[0] >> 4 > 7 or head[1] & 32 or int.from_bytes(head[:2], "big") % 31:
        return False
    try:
        return len(zlib.decompressobj().decompress(head, 64)) > 1
    except zlib.error:
        return False


def is_lzma(content: Content) -> bool:
    """Whether it is the old LZMA format. That has no mark, only a byte of properties and a dictionary size as encoders
    write it.
    """
    head = content.head
    if len(head) < 14 or head[0] != 0x5D or head[1:3] not in (b"\x00\x00", b"\x00\x80"):
        return False
    try:
        return bool(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY).decompress(head, 64))
    except lzma.LZMAError:
        return False


def is_brotli(content: Content) -> bool:
    """Whether it is Brotli, which has no mark. It must be no UTF-8, unpack, and give text as far as is looked at."""
    head = content.head
    if len(head) < 12 or content.size > len(head) or _is_utf8(head):
        return False  # some texts unpack for a while
    try:
        out = brotli.Decompressor().process(head, output_buffer_limit=4096)
    except brotli.error:
        return False
    return len(out) > 16 and b"\x00" not in out and sum(32 <= b < 127 or b in b"\r\n\t" for b in out) > 0.9 * len(out)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _brotli(content: Content) -> Found:
    def pieces() -> Iterator[bytes]:
        stream = brotli.Decompressor()
        for data in content.pieces(_FED):
            yield bytes(stream.process(data, output_buffer_limit=STEP))
            while not stream.can_accept_more_data():
                yield bytes(stream.process(b"", output_buffer_limit=STEP))
        if not stream.is_finished():
            raise Ended("the file ends before the stream does")

    yield from _told("brotli", pieces())


ZLIB = Reader(kind="zlib", knows=is_zlib, read=reading("zlib", lambda: Deflate(zlib.MAX_WBITS)))
BZIP2 = Reader(
    kind="bzip2",
    knows=lambda content: content.head[:3] == b"BZh" and content.head[4:10] == b"1AY&SY",
    read=reading("bzip2", bz2.BZ2Decompressor),
    raw=False,
)
XZ = Reader(
    kind="xz",
    knows=begins(b"\xfd7zXZ\x00"),
    read=reading("xz", lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)),
    raw=False,
)
LZMA = Reader(
    kind="lzma",
    knows=is_lzma,
    read=reading("lzma", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY)),
    raw=False,
)
ZSTD = Reader(
    kind="zstd", knows=begins(b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"), read=_zstd, needs=("zstandard",), raw=False
)
LZ4 = Reader(kind="lz4", knows=begins(b"\x04\x22\x4d\x18"), read=reading("lz4", _lz4), needs=("lz4",), raw=False)
SNAPPY = Reader(kind="snappy", knows=begins(_SNAPPY), read=_snappy, needs=("cramjam",), raw=False)
BROTLI = Reader(kind="brotli", knows=is_brotli, read=_brotli)
