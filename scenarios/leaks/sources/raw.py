"""Cuts bytes of any length into pieces to search. They overlap, so that nothing between two of them is missed."""

import codecs
from collections.abc import Iterable, Iterator

from scenarios.leaks.detector import OVERLAP, PIECE
from scenarios.leaks.haystack import Part
from scenarios.leaks.sources.charsets import beyond_ascii, charset_of, others_of, to_utf8
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


class _Recoded:
    """The lines beyond ASCII of one text in one of the sets that it may be in."""

    def __init__(self, how: tuple[str, ...], charset: str) -> None:
        self._charset = charset
        self._run = _Run((*how, charset.replace("_", "-")))

    def next(self, piece: bytes, name: str, kind: str) -> Wanted:
        return self._run.next(to_utf8(beyond_ascii(piece), self._charset), name, kind, again=True, more=True)


def raw(
    data: Iterable[bytes], name: str, how: tuple[str, ...], kind: str, *, again: bool = False, size: int | None = None
) -> Iterator[Wanted]:
    """All bytes as they are. Text in another character set comes as UTF-8 too."""
    plain, recoded, decoder = _Run(how), None, None
    others: tuple[_Recoded, ...] = ()
    for piece in of_size(data, size or PIECE):
        yield plain.next(piece, name, kind, again=again)
        if decoder is None:
            found = charset_of(piece)
            others = others or tuple(_Recoded(how, charset) for charset in others_of(piece, found))
        for other in others:
            yield other.next(piece, name, kind)
        if decoder is None:
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
