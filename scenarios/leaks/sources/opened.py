"""Opens a file by its kind. It gives all that is to be searched: the file's own bytes and everything inside it, at any
depth.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec

import msgspec

from scenarios.leaks.haystack import Part
from scenarios.leaks.sources.containers import unopened
from scenarios.leaks.sources.raw import raw
from scenarios.leaks.sources.reader.content import Content, TooLong
from scenarios.leaks.sources.reader.reader import Piece, Reader, Unread, Wanted
from scenarios.leaks.sources.readers import reader_for

DEPTH = 8  # files inside one another
_RATIO = 200  # times a file's own size that all its parts may have together, and at least:
_ROOM = 1024 * 1024 * 1024

_OWN = frozenset({"file", "stream"})
_FILES = frozenset(
    {
        "zip", "7z", "rar", "tar", "ar", "cpio", "rpm", "cab", "iso",
        "gzip", "bzip2", "xz", "lzip", "zstd", "lz4", "lzma", "snappy",
    }
)  # fmt: skip  # hold files

Masked = Callable[[str], str]


class _Room:
    """How many bytes may still come out of one file."""

    def __init__(self, size: int) -> None:
        self.left = max(_ROOM, _RATIO * size)
        self.met = False
        self.broken = ""

    def bounded(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Ends early if the room is used up, or if a library finds the bytes damaged."""
        try:
            for piece in pieces:
                if self.left <= 0:
                    self.met = True
                    return
                self.left -= len(piece)
                yield piece
        except Exception as error:  # every library has its own
            self.broken = type(error).__name__


def opened(content: Content, name: str, *, masked: Masked, kind: str = "file") -> Iterator[Wanted | Unread]:
    """Everything in a content. The parts come before the content's own bytes. Never raises for what it holds: damage is
    an Unread.

    `name` is shown as it is. Names within it are shown as `masked` gives them. `kind` is that of `Where`.
    """
    yield from _open(content, name, (), _Room(content.size), masked, kind)


def opened_file(content: Content, name: str, *, path: bytes, masked: Masked) -> Iterator[Wanted | Unread]:
    """A file: first its `path`, which may hold an identity, then everything in its content, as `opened` gives it."""
    yield Wanted(name=name, parts=(Part(kind="file_name", name=name, data=path),), thing=True)
    yield from opened(content, name, masked=masked)


def _open(
    content: Content, name: str, how: tuple[str, ...], room: _Room, masked: Masked, kind: str
) -> Iterator[Wanted | Unread]:
    reader, failed = reader_for(content) if content.size else (None, [])
    yield from (msgspec.structs.replace(each, name=name) for each in failed)
    missing = [module for module in reader.needs if find_spec(module) is None] if reader else []
    if reader is None:
        yield from raw(content.pieces(), name, how, kind)
        closed = unopened(content, strict=kind in _OWN and _FILES.issuperset(how))
        if closed:
            yield msgspec.structs.replace(closed, name=name)
    elif missing:
        yield from raw(content.pieces(), name, how, kind)
        yield Unread(kind=reader.kind, name=name, why="missing extra", detail="not opened: install earlid[files]")
    elif len(how) >= DEPTH:
        yield from raw(content.pieces(), name, how, kind)
        yield Unread(kind=reader.kind, name=name, why="over bounds", detail=f"more than {DEPTH} inside one another")
    else:
        read = damaged = False
        for each in _read(reader, content, name, how, room, masked):
            read = True
            damaged = damaged or (isinstance(each, Unread) and each.name == name and each.why == "damaged")
            yield each
        if reader.raw or damaged or not read:
            own = reader.own(content) if reader.own and not damaged else content.pieces()
            yield from raw(own, name, how, kind, again=True)
        if not read and not reader.raw:
            yield Unread(kind=reader.kind, name=name, why="damaged", detail="nothing in it could be read")


def _read(
    reader: Reader, content: Content, name: str, how: tuple[str, ...], room: _Room, masked: Masked
) -> Iterator[Wanted | Unread]:
    yield from _each(_guarded(reader, content), reader.kind, name, (*how, reader.kind), room, masked)


def of_pieces(
    pieces: Iterable[Piece | Unread], name: str, *, masked: Masked, kind: str = "database"
) -> Iterator[Wanted | Unread]:
    """As `opened`, for what is no file but comes in pieces. `kind` stands in notes."""
    yield from _each(pieces, kind, name, (), _Room(2**62), masked)


def _each(
    pieces: Iterable[Piece | Unread], kind: str, name: str, steps: tuple[str, ...], room: _Room, masked: Masked
) -> Iterator[Wanted | Unread]:
    for piece in pieces:
        shown = _within(name, piece, masked)
        if isinstance(piece, Unread):
            yield msgspec.structs.replace(piece, name=shown)
            continue
        if piece.name and not piece.label and not piece.final:
            named = piece.name.encode("utf-8", "replace")
            yield Wanted(name=shown, parts=(Part(kind="file_name", name=shown, data=named),), how=steps)
        data = room.bounded((piece.data,) if isinstance(piece.data, bytes) else piece.data)
        if piece.final:
            yield from raw(data, shown, steps, piece.kind)
        else:
            inner = Content(data)
            try:
                yield from _open(inner, shown, steps, room, masked, piece.kind)
            finally:
                inner.close()
        if room.broken:
            detail, room.broken = f"{room.broken}; read up to there", ""
            yield Unread(kind=kind, name=shown, why="damaged", detail=detail)
        if room.met:
            yield Unread(
                kind=kind, name=shown, why="over bounds", detail="holds too much when opened; read up to there"
            )
            return


def _guarded(reader: Reader, content: Content) -> Iterator[Piece | Unread]:
    """A reader's pieces. If a library raises for bytes that somebody made wrong on purpose, an Unread says so."""
    try:
        yield from reader.read(content)
    except TooLong as error:
        yield Unread(kind=reader.kind, name="", why="over bounds", detail=str(error))
    except Exception as error:  # every library has its own
        yield Unread(kind=reader.kind, name="", why="damaged", detail=f"{type(error).__name__}; read up to there")


def _within(name: str, piece: Piece | Unread, masked: Masked) -> str:
    label = piece.label if isinstance(piece, Piece) else ""
    inner = masked(piece.name) if piece.name else ""
    if label:
        return f"{name} {label} {inner}".rstrip()
    return f"{name}!{inner}" if inner else name
