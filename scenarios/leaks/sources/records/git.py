"""Git packs -> commits, trees' names, files as they were, every delta resolved."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins


def _read(content: Content) -> Found:
    from dulwich.object_format import SHA1
    from dulwich.pack import PackData, PackInflater

    with content.open() as file, closing(PackData.from_file(file, SHA1, content.size)) as pack:
        for each in PackInflater.for_pack_data(pack):
            yield from _of_object(each)


def _of_object(each: Any) -> Iterator[Piece]:
    kind = each.type_name.decode()
    if kind == "tree":
        names = [entry.path for entry in each.iteritems()]
        yield Piece(data=b"\n".join(names), label="tree", final=True)
    else:
        yield Piece(data=each.as_raw_string(), label=kind, final=kind != "blob")


GIT_PACK = Reader(kind="git pack", knows=begins(b"PACK\x00\x00\x00"), read=_read, needs=("dulwich",), raw=False)
