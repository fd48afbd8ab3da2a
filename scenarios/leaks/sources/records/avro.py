"""Avro files of every codec -> records as JSON lines."""

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows


def _read(content: Content) -> Found:
    import fastavro

    with content.open() as file:
        reader = fastavro.reader(file)
        told = "\n".join(f"{key}: {value}" for key, value in reader.metadata.items())
        yield Piece(data=told.encode("utf-8", "replace"), label="schema", final=True)
        yield from pieces_of_rows(reader)


AVRO = Reader(
    kind="avro", knows=begins(b"Obj\x01"), read=_read, needs=("fastavro", "cramjam", "zstandard", "lz4"), raw=False
)
