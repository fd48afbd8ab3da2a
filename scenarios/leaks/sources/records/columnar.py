"""Parquet, ORC, Arrow and Feather files -> rows as JSON lines."""

from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows

_ROWS = 10_000  # held at a time


def _parquet(content: Content) -> Found:
    import pyarrow.parquet

    with content.open() as file:
        opened = pyarrow.parquet.ParquetFile(file)
        yield from _beside(opened.schema_arrow)
        yield from pieces_of_rows(_rows(opened.iter_batches(batch_size=_ROWS)))


def _orc(content: Content) -> Found:
    import pyarrow.orc

    with content.open() as file:
        opened = pyarrow.orc.ORCFile(file)
        yield from _beside(opened.schema)
        yield from pieces_of_rows(_rows(opened.read_stripe(at) for at in range(opened.nstripes)))


def _arrow(content: Content) -> Found:
    import pyarrow

    with content.open() as file:
        if content.head.startswith(b"ARROW1"):
            opened = pyarrow.ipc.open_file(file)
            yield from _beside(opened.schema)
            yield from pieces_of_rows(_rows(opened.get_batch(at) for at in range(opened.num_record_batches)))
            return
        stream = pyarrow.ipc.open_stream(file)
        yield from _beside(stream.schema)
        yield from pieces_of_rows(_rows(stream))


def _is_arrow(content: Content) -> bool:
    """Whether it has a file's mark, or a stream's first message: a continuation mark, then the length of its
    description.
    """
    head = content.head
    length = int.from_bytes(head[4:8], "little")
    return head.startswith(b"ARROW1\x00\x00") or (
        head.startswith(b"\xff\xff\xff\xff") and 0 < length < 2**24 and length % 8 == 0
    )


def _feather(content: Content) -> Found:
    import pyarrow.feather

    with content.open() as file:
        yield from pieces_of_rows(_rows(pyarrow.feather.read_table(file).to_batches()))


def _rows(batches: Any) -> Iterator[dict[str, Any]]:
    for batch in batches:
        for at in range(0, batch.num_rows, _ROWS):
            yield from batch.slice(at, _ROWS).to_pylist()


def _beside(schema: Any) -> Found:
    """Column names, and the notes of the program that wrote it."""
    told = [str(name).encode("utf-8", "replace") for name in schema.names]
    told += [text for pair in (schema.metadata or {}).items() for text in pair]
    yield Piece(data=b"\n".join(told), label="schema", final=True)


PARQUET = Reader(kind="parquet", knows=begins(b"PAR1"), read=_parquet, needs=("pyarrow",), raw=False)
ORC = Reader(kind="orc", knows=begins(b"ORC"), read=_orc, needs=("pyarrow",), raw=False)
ARROW = Reader(kind="arrow", knows=_is_arrow, read=_arrow, needs=("pyarrow",))
FEATHER = Reader(kind="feather", knows=begins(b"FEA1"), read=_feather, needs=("pyarrow",))
