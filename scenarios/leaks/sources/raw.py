"""Cuts bytes of any length into pieces to search. They overlap, so that nothing between two of them is missed."""

import codecs
from collections.abc import Iterable, Iterator

from scenarios.leaks.detector import OVERLAP, PIECE
from scenarios.leaks.haystack import Part
from scenarios.leaks.sources.charsets import charset_of
from scenarios.leaks.sources.reader.reader import Wanted


class _Run:
    """One text that comes piece by piece, and the bytes of it that the next piece begins with."""

    def __init__(self, how: tuple[str, ...]) -> None:
        self._how = how
        self._rest = b""
        self._more = False

    def next(self, data: bytes, name: str, kind: str, *, again: bool, more: bool = False) -> Wanted:
        whole, overlap = self._rest + data, len(self._rest)
        self._rest, first = whole[-OVERLAP:], not self._more
        self._more = True
        return Wanted(
            name=name,
            parts=(Part(kind=kind, name=name, data=whole),),
            how=self._how,
            more=more or not first,
            overlap=overlap,
            again=again,
        )


def raw(
    data: Iterable[bytes], name: str, how: tuple[str, ...], kind: str, *, again: bool = False, size: int | None = None
) -> Iterator[Wanted]:
    """All bytes as they are. Text in another character set comes as UTF-8 too."""
    plain, recoded, decoder = _Run(how), None, None
    for piece in of_size(data, size or PIECE):
        yield plain.next(piece, name, kind, again=again)
        if decoder is None:
            found = charset_of(piece)
            if found is None:
                continue
            decoder = codecs.getincrementaldecoder(found)("replace")
            recoded = _Run((*how, found.replace("_", "-")))
        if recoded is not None:
            text = decoder.decode(piece).encode("utf-8", "replace")
            again_wanted = recoded.next(text, name, kind, again=again, more=True)
            yield again_wanted


def of_size(data: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`."""
    kept = bytearray()
    for piece in data:
        kept += piece
        while len(kept) >= size:
            yield bytes(kept[:size])
            del kept[:size]
    if kept:
        yield bytes(kept)
