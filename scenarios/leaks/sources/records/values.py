"""Turns serialised values without a mark of their own (CBOR, MessagePack, BSON, Protocol Buffers) into JSON lines.

A kind is known by reading it to the last byte. Chance hardly does that with anything of some length.
"""

import io
import struct
from collections.abc import Callable, Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Reader
from scenarios.leaks.sources.reader.rows import pieces_of_rows

_MOST = 64 * 1024 * 1024
_MOST_IN_PYTHON = 8 * 1024 * 1024
_LEAST = 6
_FIELDS = 2_000  # the highest field number taken for one
_NESTED = 12
_TEXT = 4  # characters of the shortest text a message must hold to be taken for one


def _knows(values: Callable[[bytes], Iterator[Any]], most: int = _MOST) -> Callable[[Content], bool]:
    def knows(content: Content) -> bool:
        if not _LEAST <= content.size <= most or (content.head.isascii() and b"\x00" not in content.head):
            return False
        try:
            found = False  # one that is cut off gives no value at all
            for value in values(content.whole(most)):
                if not isinstance(value, dict | list | tuple):
                    return False
                found = True
            return found
        except Exception:  # whatever a library says: not of this kind
            return False

    return knows


def _read(values: Callable[[bytes], Iterator[Any]]) -> Callable[[Content], Found]:
    return lambda content: pieces_of_rows(values(content.whole(_MOST)))


def _cbor(data: bytes) -> Iterator[Any]:
    import cbor2

    if data[0] >> 5 not in (4, 5, 6):
        raise ValueError("begins with no list, map or tag")
    stream = io.BytesIO(data)
    decoder = cbor2.CBORDecoder(stream)
    while stream.tell() < len(data):
        value = decoder.decode()
        yield _untagged(value)


def _untagged(value: Any) -> Any:
    tag = getattr(value, "value", None)
    return [tag] if tag is not None and not isinstance(value, dict | list) else value


def _msgpack(data: bytes) -> Iterator[Any]:
    import msgpack

    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, timestamp=0, unicode_errors="replace")
    unpacker.feed(data)
    yield from unpacker
    if unpacker.tell() != len(data):
        raise ValueError("ends within a value")


def _bson(data: bytes) -> Iterator[Any]:
    import bson

    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<i", data, at)
        if size < 5 or at + size > len(data) or data[at + size - 1]:
            raise ValueError("no document")
        yield dict(bson.decode(data[at : at + size]))
        at += size


def _protobuf(data: bytes) -> Iterator[Any]:
    """One message, or messages each after its length."""
    if (message := _message(data, 0)) and _says_something(message):
        yield message
        return
    at, found = 0, False
    while at < len(data):
        size, at = _varint(data, at)
        message = _message(data[at : at + size], 0) if 0 < size <= len(data) - at else None
        if message is None:
            raise ValueError("no message")
        found = found or _says_something(message)
        yield message
        at += size
    if not found:
        raise ValueError("no text in it")


def _says_something(message: Any) -> bool:
    if isinstance(message, list):
        return any(_says_something(each) for each in message)
    return isinstance(message, float) or (isinstance(message, str) and len(message) >= _TEXT)


def _message(data: bytes, depth: int) -> list[Any] | None:
    """The values of all fields in their order. None if it is no such message."""
    at, values = 0, []
    try:
        while at < len(data):
            key, at = _varint(data, at)
            field, wire = key >> 3, key & 7
            if not 0 < field <= _FIELDS:
                return None
            value, at = _value(data, at, wire, depth)
            if at > len(data):
                return None
            values.append(value)
    except (ValueError, struct.error):
        return None
    return values


def _value(data: bytes, at: int, wire: int, depth: int) -> tuple[Any, int]:
    if wire == 0:
        return _varint(data, at)
    if wire == 1:
        return struct.unpack_from("<d", data, at)[0], at + 8
    if wire == 5:
        return struct.unpack_from("<f", data, at)[0], at + 4
    if wire != 2:
        raise ValueError("no such wire type")
    size, at = _varint(data, at)
    inner = data[at : at + size]
    try:
        text = inner.decode()
        if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
            return text, at + size
    except UnicodeDecodeError:
        pass
    nested = _message(inner, depth + 1) if inner and depth < _NESTED else None
    if nested is None and size and size % 8 == 0:
        return [inner, *struct.unpack(f"<{size // 8}d", inner)], at + size  # perhaps packed numbers
    return inner if nested is None else nested, at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number too long")


CBOR = Reader(kind="cbor", knows=_knows(_cbor), read=_read(_cbor), needs=("cbor2",))
MSGPACK = Reader(kind="msgpack", knows=_knows(_msgpack), read=_read(_msgpack), needs=("msgpack",))
BSON = Reader(kind="bson", knows=_knows(_bson), read=_read(_bson), needs=("bson",))
PROTOBUF = Reader(kind="protobuf", knows=_knows(_protobuf, _MOST_IN_PYTHON), read=_read(_protobuf))
