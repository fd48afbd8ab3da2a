"""How an exchange travels to the search process: frames over a stream socket.

A frame is `u32 length, u8 kind, u32 head length, head, bodies`; numbers are big-endian, `length` counts what follows.
The head is UTF-8 JSON. The bodies stand one behind the other; the head's `bodies` gives the kind and size of each.
ROWS holds many exchanges. Its head says how many (`count`) and how long a JSON list is (`rows`, bytes) that stands
before the bodies: each row has the fields of `Exchange` in their order, with the kind and size of each body. A body may
stand in shared memory (`earlid.sending.shared`): then `places` has place and size of each body, with place -1 for one
that stands in the frame.

| kind | from | head |
|---|---|---|
| 1 EXCHANGE | client | the fields of `Exchange`; with `"reply": true` the answer is RESULT |
| 2 RESULT | search | `findings`, `notes`, `bytes` of one exchange |
| 3 FLUSH | client | nothing; the answer comes when everything before it was searched |
| 4 COUNTS | search | what was received and searched over this connection, or over all of them |
| 5 WORKERS | search | first on the main socket: `takes` (address for exchanges), `households`, `needles`, `controls` |
| | | `search` (its random name), `identities` (their digest) and `version` (Earlid's) |
| 6 END | client | on the main socket: wait until all have closed and all is searched; the answer is COUNTS |
| 7 RUN | client | on the main socket: wait until `sent` exchanges are searched; the answer: COUNTS since the last RUN |
| 8 NOW | client | on the main socket: COUNTS since the last RUN as they stand, without waiting |
| 9 NAMES | client | on the main socket: `names` of requests; the answer has them as a report may show them |
| 10 ROWS | client | many exchanges in one frame |
| 11 SHARED | client | first on a Unix socket, with the descriptor of a memory in which bodies may stand |

END, RUN and NOW may carry `others`: COUNTS of searches on other machines, which are added to the answer. END and RUN
with `"wait": false` are answered at once.
"""

import json
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from earlid.copies.connections import known
from earlid.sending.shared import Placed

EXCHANGE, RESULT, FLUSH, COUNTS, WORKERS, END, RUN, NOW, NAMES, ROWS, SHARED = range(1, 12)
MOST = 1 << 31  # bytes of one frame
HEAD = struct.Struct(">IBI")
_LARGE = 16 * 1024  # bytes; a smaller piece is copied, to be sent with others in one call
_ROWS_AS_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=str).encode  # made once


class BadFrame(ValueError):
    """What came is no frame of this protocol."""


def pack(kind: int, head: dict[str, Any], bodies: Sequence[bytes] = ()) -> list[bytes]:
    """The pieces of one frame, to be sent one behind the other; bodies are not copied."""
    text = json.dumps(head, separators=(",", ":")).encode()
    size = sum(map(len, bodies))
    return [HEAD.pack(5 + len(text) + size, kind, len(text)) + text, *bodies]


def pack_rows(rows: Sequence[Sequence[Any]], bodies: Sequence[bytes | Placed]) -> list[bytes]:
    """The pieces of one ROWS frame. Raises ValueError and RecursionError: a row holds what JSON cannot say."""
    text = _ROWS_AS_JSON(rows).encode()
    head: dict[str, Any] = {"count": len(rows), "rows": len(text)}
    inside = [body for body in bodies if not isinstance(body, Placed)]
    if len(inside) < len(bodies):
        head["places"] = [[body.start if isinstance(body, Placed) else -1, len(body)] for body in bodies]
    return pack(ROWS, head, [text, *inside])


def rows_of(head: dict[str, Any], rest: memoryview) -> tuple[list[Any], memoryview]:
    """The rows of a ROWS frame, and its bodies as one piece.

    Raises:
        BadFrame: it holds no rows, or not as many as it says.
    """
    try:
        size = int(head["rows"])
        rows = json.loads(bytes(rest[:size]))
    except (KeyError, TypeError, ValueError):
        raise BadFrame("not a frame: no rows") from None
    if not isinstance(rows, list) or len(rows) != head.get("count"):
        raise BadFrame("not a frame: its rows are not those it says")
    return rows, rest[size:]


def send(connection: socket.socket, pieces: Iterable[bytes | memoryview]) -> None:
    """Send a frame whole. Small pieces go together in one call; large ones are not copied. Raises OSError."""
    small: list[bytes | memoryview] = []
    for piece in pieces:
        if len(piece) < _LARGE:
            small.append(piece)
            continue
        if small:
            connection.sendall(b"".join(small))
            small = []
        connection.sendall(piece)
    if small:
        connection.sendall(b"".join(small))


def expect(connection: socket.socket, wanted: int) -> dict[str, Any]:
    """The head of the next frame. Raises OSError, and BadFrame when it is of another kind or there is none."""
    frame = receive(connection)
    if frame is None or frame[0] != wanted:
        raise BadFrame("it closed the connection")
    return frame[1]


def frames_of(data: bytes) -> Iterator[tuple[int, dict[str, Any], memoryview]]:
    """(kind, head, the bodies as one piece) of whole frames that stand one behind the other. Raises BadFrame."""
    view, at = memoryview(data), 0
    while at < len(view):
        length, kind, head_length = HEAD.unpack_from(view, at)
        start = at + HEAD.size
        yield kind, json_head(view[start : start + head_length]), view[start + head_length : at + 4 + length]
        at += 4 + length


def json_head(text: bytearray | memoryview) -> dict[str, Any]:
    """The head of a frame. Raises BadFrame."""
    try:
        head = json.loads(bytes(text))
    except ValueError:
        raise BadFrame("not a frame: its head is not JSON") from None
    if not isinstance(head, dict):
        raise BadFrame("not a frame: its head is not an object")
    return head


def receive(connection: socket.socket) -> tuple[int, dict[str, Any], memoryview] | None:
    """(kind, head, the bodies as one piece), or None at the end of the stream.

    Raises:
        BadFrame: the stream breaks off inside a frame, or it is no frame.
    """
    prefix = exactly(connection, HEAD.size, may_end=True)
    if not prefix:
        return None
    length, kind, head_length = HEAD.unpack(prefix)
    if not 5 <= length <= MOST or head_length > length - 5:
        raise BadFrame("not a frame: its lengths cannot be")
    rest = memoryview(exactly(connection, length - 5))
    return kind, json_head(rest[:head_length]), rest[head_length:]


def exactly(connection: socket.socket, size: int, *, may_end: bool = False) -> bytearray:
    """The next `size` bytes; none of them at the end of the stream where it `may_end`. Raises OSError and BadFrame."""
    data = bytearray(size)
    view, have = memoryview(data), 0
    while have < size:
        got = connection.recv_into(view[have:])
        if not got:
            if may_end and not have:
                return bytearray()
            raise BadFrame("the stream broke off inside a frame")
        have += got
    return data


def connect(address: str, timeout_s: float | None = None) -> socket.socket:
    """A connection to `/path/of/a/socket` or `host:port`. Raises OSError."""
    with known():
        return _connected(address, timeout_s)


def _connected(address: str, timeout_s: float | None) -> socket.socket:
    if "/" in address:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(timeout_s)
        try:
            made.connect(address)
        except OSError:
            made.close()
            raise
        return made
    host, _, port = address.rpartition(":")
    made = socket.create_connection((host.strip("[]"), int(port)), timeout_s)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made
