"""Pickles and NumPy arrays -> their texts and numbers. A pickle is read by its opcodes and never executed."""

import pickletools
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows

_MOST = 512 * 1024 * 1024
_ROW = 64  # values a line: neighbours stay together
_NO_VALUES = frozenset({"PROTO", "FRAME", "GET", "BINGET", "LONG_BINGET", "PUT", "BINPUT", "LONG_BINPUT", "GLOBAL"})


def _is_pickle(content: Content) -> bool:
    """Whether it is a pickle. Protocol 2 and later have a mark. Older ones begin as no text does and hold a memo. The
    last byte is the stop opcode.
    """
    head = content.head
    old = head[:3] in (b"(dp", b"(lp") or head[:2] in (b"}q", b"]q")
    if content.size < 4 or not ((head[0] == 0x80 and 2 <= head[1] <= 5) or old):
        return False
    with content.open() as file:
        file.seek(-1, 2)
        return file.read() == b"."


def _pickle(content: Content) -> Found:
    yield from pieces_of_rows(_arguments(content))


def _arguments(content: Content) -> Iterator[list[Any]]:
    """The values that the opcodes carry, in their order, at most `_ROW` together."""
    row: list[Any] = []
    before = b""
    with content.open() as file:
        while file.read(1):
            file.seek(-1, 1)
            for opcode, argument, _ in pickletools.genops(file):
                if argument is not None and opcode.name not in _NO_VALUES:
                    if isinstance(argument, bytes | bytearray):
                        row += _apart(before, bytes(argument))
                        before = bytes(argument)
                    else:
                        row.append(argument)
                if len(row) >= _ROW:
                    yield row
                    row = []
    if row:
        yield row


def _apart(offsets: bytes, data: bytes) -> list[bytes]:
    """Return the strings that Arrow keeps in one buffer, told apart by the buffer of offsets before it: so pandas
    pickles its texts. Other bytes come back as they are.
    """
    for kind in ("<i4", "<i8"):
        if len(offsets) % int(kind[2]) or len(offsets) < 2 * int(kind[2]):
            continue
        places = np.frombuffer(offsets, kind)
        last = int(np.argmax(places))  # the buffer may be longer than what it holds
        if places[0] == 0 and 0 < places[last] <= len(data) and bool((np.diff(places[: last + 1]) >= 0).all()):
            ends = places[: last + 1].tolist()
            return [data[begin:end] for begin, end in pairwise(ends)]
    return [data]


def _array(content: Content) -> Found:
    with content.open() as file:
        try:
            array = np.lib.format.read_array(file, allow_pickle=False)
        except ValueError as error:
            if "pickle" not in str(error) and "Object" not in str(error):
                raise
            yield Piece(data=_rest(content))
            return
    if array.dtype.kind in "SV" and array.dtype.names is None:
        yield Piece(data=array.tobytes(), final=True)
    flat = array.reshape(-1) if array.dtype.names else array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array
    if flat.ndim == 1 and not array.dtype.names:
        yield from pieces_of_rows(flat[at : at + _ROW].tolist() for at in range(0, len(flat), _ROW))
        return
    yield from pieces_of_rows(row.tolist() for row in flat)


def _rest(content: Content) -> Iterator[bytes]:
    """What follows the header. An array of objects is a pickle."""
    with content.open() as file:
        version = np.lib.format.read_magic(file)
        (np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0)(file)
        yield from iter(lambda: file.read(65_536), b"")


PICKLE = Reader(kind="pickle", knows=_is_pickle, read=_pickle)
NUMPY = Reader(kind="npy", knows=begins(b"\x93NUMPY"), read=_array)
