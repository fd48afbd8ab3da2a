"""The shape of a reader: which kind it knows, how it knows it, and what it makes of it."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from scenarios.leaks.haystack import Part
from scenarios.leaks.sources.reader.content import Content

Why = Literal[
    "encrypted", "damaged", "over bounds", "unknown container", "missing extra", "not recognised", "not followed",
    "no regular file", "unreadable", "refused", "left out",
]  # fmt: skip


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a file: bytes, or bytes that come one after another.

    `name` is its name within the file and may hold identities; `label` stands before it and may not. `kind` is that of
    `Where`. `final`: made by a reader (rows as text), not to be opened as a file of another kind again.
    """

    data: bytes | Iterator[bytes]
    name: str = ""
    label: str = ""
    kind: str = "file"
    final: bool = False


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """What was not searched: the `kind` of file or part, its (masked) `name`, `why`, and more in words."""

    kind: str
    name: str
    why: Why
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.kind}, {self.why}" + (f" ({self.detail})" if self.detail else "")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to search: its parts and the steps that led to it.

    `more`: it goes on from the one before, of whose last `overlap` bytes it begins with. `again`: bytes of a file
    whose parts were searched by themselves; `thing`: the beginning of another file or response.
    """

    name: str
    parts: tuple[Part, ...]
    how: tuple[str, ...] = ()
    more: bool = False
    overlap: int = 0
    again: bool = False
    thing: bool = False


Found = Iterator[Piece | Unread]  # an Unread's name is within the file, as a Piece's


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file. `knows` looks at the content, mostly at its head. `read` gives its parts.

    `needs` are modules of the extra `files`. `steps` stand in a finding's chain of decoding steps; if empty, the kind
    does. With `raw` the file's own bytes are searched too, because they may hold more than its parts.
    `own` gives those of them in which text can stand; all by default.
    """

    kind: str
    knows: Callable[[Content], bool]
    read: Callable[[Content], Found]
    needs: tuple[str, ...] = ()
    raw: bool = True
    own: Callable[[Content], Iterator[bytes]] | None = None


def begins(*marks: bytes, at: int = 0) -> Callable[[Content], bool]:
    """A `knows` that looks for one of the marks at a place."""
    return lambda content: any(content.head.startswith(mark, at) for mark in marks)
