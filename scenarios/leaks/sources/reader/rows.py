"""Turns rows of any table into JSON lines with their column names. Byte values become parts of their own."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from scenarios.leaks.sources.reader.reader import Piece

BATCH = 1024 * 1024  # bytes of text handed on at a time
_LEAST = 4  # bytes of a value that is read as a part
_OPENED = 512  # from here on a value is a file of its own, which may be of any kind


def pieces_of_rows(rows: Iterable[Any], name: str = "", *, kind: str = "file") -> Iterator[Piece]:
    """The text first, batch by batch, and the byte values after each batch. A row is a mapping, a list or one value."""
    lines: list[bytes] = []
    blobs: list[bytes] = []
    room = BATCH
    for row in rows:
        lines.append(_line(row, blobs))
        room -= len(lines[-1])
        if room <= 0:
            yield from _batch(lines, blobs, name, kind)
            lines, blobs, room = [], [], BATCH
    yield from _batch(lines, blobs, name, kind)


def whole(value: Any) -> Any:
    """A whole number without its fraction. Tables keep telephone numbers as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _batch(lines: list[bytes], blobs: list[bytes], name: str, kind: str) -> Iterator[Piece]:
    if lines:
        yield Piece(data=b"\n".join(lines), name=name, kind=kind, final=True)
    small = [blob for blob in blobs if _LEAST <= len(blob) < _OPENED]
    if small:
        yield Piece(data=b"\n\n".join(small), name=name, kind=kind, final=True)
    for blob in blobs:
        if len(blob) >= _OPENED:
            yield Piece(data=blob, name=name, kind=kind)


def _line(row: Any, blobs: list[bytes]) -> bytes:
    return msgspec.json.encode(_plain(row, blobs))


def _plain(value: Any, blobs: list[bytes], depth: int = 0) -> Any:
    """The value with only what JSON has. Bytes that are text become text, others go to `blobs`."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bytes | bytearray | memoryview):
        return _of_bytes(bytes(value), blobs)
    if depth > 50:
        return repr(value)[:1000]
    if isinstance(value, Mapping):
        return {_key(key): _plain(each, blobs, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, blobs, depth + 1) for each in value]
    return str(value).encode("utf-8", "replace").decode()


def _key(key: object) -> str:
    text = key.decode("latin-1") if isinstance(key, bytes) else str(key)
    return text.encode("utf-8", "replace").decode()


def _of_bytes(data: bytes, blobs: list[bytes]) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        blobs.append(data)
        return None
    if not text.isprintable() and "\x00" in text:
        blobs.append(data)
        return None
    return text


def pieces_of_values(values: Iterable[bytes], name: str = "") -> Iterator[Piece]:
    """Byte strings one after another. Texts come together, a line each. Each other value is a file of its own."""
    lines: list[bytes] = []
    room = BATCH
    for value in values:
        if b"\x00" in value or not _is_text(value):
            yield Piece(data=value, name=name)
            continue
        lines.append(value)
        room -= len(value)
        if room <= 0:
            yield Piece(data=b"\n".join(lines), name=name, final=True)
            lines, room = [], BATCH
    if lines:
        yield Piece(data=b"\n".join(lines), name=name, final=True)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
