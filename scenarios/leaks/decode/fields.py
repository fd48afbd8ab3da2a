"""Text -> values split over neighbouring fields put together: given name and family name, area code and number."""

import re
from collections.abc import Iterator

_PAIR = re.compile(r'"[^"\\]{1,64}"\s*:\s*(?:"([^"]{0,200})"|(-?[0-9][0-9.]{0,30}))')
_PIECE_OF_NUMBER = re.compile(r"[0-9]{2,7}")
_PIECE_OF_NAME = re.compile(r"[^\W\d_][^\W\d_'-]{1,30}")
_SSE = re.compile(r"^data: ?(.*)\r?$", re.MULTILINE)


def joined(text: str) -> Iterator[tuple[str, bytes]]:
    """The scalar values of JSON objects in order, without their keys; ("fields", bytes).

    Elements of arrays are left out: long lists of numbers would make any number up by chance.
    """
    values = [match[1] or match[2] or "" for match in _PAIR.finditer(text)]
    if len(values) < 2:
        return
    yield "fields", " ".join(values).encode("utf-8", "replace")
    # What stands between the pieces of a number, or of a name, is of another kind: the pieces alone are next to each
    # other.
    for kind in (_PIECE_OF_NUMBER, _PIECE_OF_NAME):
        pieces = [value for value in values if kind.fullmatch(value)]
        if 1 < len(pieces) < len(values):
            yield "fields", " ".join(pieces).encode("utf-8", "replace")


def events(text: str) -> Iterator[tuple[str, bytes]]:
    """Server-sent events as one text: what was streamed in pieces; ("events", bytes)."""
    pieces = _SSE.findall(text)
    if len(pieces) > 1:
        yield "events", "".join(pieces).encode("utf-8", "replace")
