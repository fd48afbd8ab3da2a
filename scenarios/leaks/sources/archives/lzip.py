"""lzip -> what it packs. The format is in lzip's manual, chapter "File format"."""

import lzma

from scenarios.leaks.sources.archives.streams import reading
from scenarios.leaks.sources.reader.reader import Reader, begins

_HEAD, _TAIL = 6, 20  # bytes
_MEMORY = 256 * 1024 * 1024


class Lzip:
    """A member of a file, with the interface of a stream: a head, LZMA with an end mark, checksums."""

    def __init__(self) -> None:
        self._head, self._tail = b"", b""
        self._stream: lzma.LZMADecompressor | None = None
        self.eof = False

    @property
    def unused_data(self) -> bytes:
        return self._tail[_TAIL:]

    @property
    def needs_input(self) -> bool:
        return self._stream is None or self._stream.eof or self._stream.needs_input

    def decompress(self, data: bytes, limit: int) -> bytes:
        out = b""
        if self._stream is None:
            self._head += data
            if len(self._head) < _HEAD:
                return b""
            if not self._head.startswith(b"LZIP\x01"):
                raise ValueError("no lzip")
            self._stream, data = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[_lzip(self._head[5])]), self._head[6:]
        if not self._stream.eof:
            out = self._stream.decompress(data, limit)
            data = self._stream.unused_data
        if self._stream.eof:
            self._tail += data
            self.eof = len(self._tail) >= _TAIL
        return out


def _lzip(coded: int) -> dict[str, int]:
    """Return the filter for a coded dictionary size: a power of two less some sixteenths of it."""
    size = 1 << (coded & 31)
    size = min(size - size // 16 * (coded >> 5), _MEMORY)
    return {"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": 3, "lp": 0, "pb": 2}


LZIP = Reader(kind="lzip", knows=begins(b"LZIP\x01"), read=reading("lzip", Lzip), raw=False)
