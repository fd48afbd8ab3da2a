"""Finds which of very many keys stand in bytes, by a table of their first eight bytes.

Hyperscan needs a minute and a gigabyte to compile hundreds of thousands of keys. A sorted table is made at once. Every
place where a key may begin is looked up in bulk (numpy), and a key is compared only where its first bytes match.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

WIDTH = 8  # bytes
_BITS = 22  # of the first, inexact look
_MIX = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, 6.4)
_SPACE = 32


class ByteTable:
    """The table. `keys` have at least `WIDTH` bytes. `words` says that all of them begin with a space.

    All keys stand in one run of bytes: as objects of their own they would take four times the room.
    """

    def __init__(self, keys: Sequence[bytes | str], *, words: bool = False) -> None:
        self._joined, sizes = _joined(keys)
        self._ends = np.cumsum(sizes)
        self._words = words
        held = np.ndarray((max(len(self._joined) - WIDTH + 1, 0),), "<u8", self._joined, 0, (1,))
        codes = held[self._ends - sizes]
        self._order = np.argsort(codes, kind="stable")
        self._codes, self._first = np.unique(codes[self._order], return_index=True)
        self._maybe = np.zeros(1 << _BITS, np.bool_)
        self._maybe[_mixed(self._codes)] = True

    def search(self, data: bytes) -> list[tuple[int, int]]:
        """Yield (index of the key, where it begins) of every occurrence, in the order of the text."""
        size = len(data) - WIDTH + 1
        if size <= 0 or not len(self._codes):
            return []
        codes = np.ndarray((size,), "<u8", data, 0, (1,))
        places = np.flatnonzero(np.frombuffer(data, np.uint8, size) == _SPACE) if self._words else np.arange(size)
        wanted = codes[places]
        maybe = np.flatnonzero(self._maybe[_mixed(wanted)])
        at = np.searchsorted(self._codes, wanted[maybe])
        known = self._codes[np.minimum(at, len(self._codes) - 1)] == wanted[maybe]
        found = []
        for which, place in zip(at[known].tolist(), places[maybe[known]].tolist(), strict=True):
            last = self._first[which + 1] if which + 1 < len(self._first) else len(self._order)
            for key in self._order[self._first[which] : last].tolist():
                if data.startswith(self.key(key), place):
                    found.append((key, place))
        return found

    def key(self, at: int) -> bytes:
        return self._joined[self._ends[at - 1] if at else 0 : self._ends[at]]


def _joined(keys: Sequence[bytes | str]) -> tuple[bytes, npt.NDArray[np.int64]]:
    """Return the keys one after the other, and how many bytes each has. Texts are encoded together."""
    texts = [key for key in keys if isinstance(key, str)]
    if not texts:
        packed = [key for key in keys if isinstance(key, bytes)]
        return b"".join(packed), np.fromiter(map(len, packed), np.int64, len(packed))
    text = "".join(texts)
    sizes = map(len, texts) if text.isascii() else (len(key.encode()) for key in texts)
    return text.encode(), np.fromiter(sizes, np.int64, len(texts))


def _mixed(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return (codes * _MIX) >> np.uint64(64 - _BITS)
