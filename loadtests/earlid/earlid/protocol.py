"""How an exchange travels to the search process: frames over a stream socket.

A frame is `u32 length, u8 kind, u32 head length, head, bodies`; numbers are big-endian, `length` counts what follows.
The head is UTF-8 JSON. The bodies stand one behind the other; the head's `bodies` gives the kind and size of each.

| kind | from | head |
|---|---|---|
| 1 EXCHANGE | client | the fields of `Exchange`; with `"reply": true` the answer is RESULT |
| 2 RESULT | search | `findings`, `notes`, `bytes` of one exchange |
| 3 FLUSH | client | nothing; the answer comes when everything before it was searched |
| 4 COUNTS | search | what was received and searched over this connection, or over all of them |
| 5 WORKERS | search | first on the main socket: `workers` (addresses), `households`, `needles`, `controls` (URL), |
| | | `search` (its random name), `identities` (their digest) and `version` (Earlid's) |
| 6 END | client | on the main socket: wait until all have closed and all is searched; the answer is COUNTS |
| 7 RUN | client | on the main socket: wait until `sent` exchanges are searched; the answer: COUNTS since the last RUN |
| 8 NOW | client | on the main socket: COUNTS since the last RUN as they stand, without waiting |
| 9 NAMES | client | on the main socket: `names` of requests; the answer has them as a report may show them |

END, RUN and NOW may carry `others`: COUNTS of searches on other machines, which are added to the answer.
"""

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

from earlid.copies.connections import known

EXCHANGE, RESULT, FLUSH, COUNTS, WORKERS, END, RUN, NOW, NAMES = 1, 2, 3, 4, 5, 6, 7, 8, 9
MOST = 1 << 31  # bytes of one frame
_HEAD = struct.Struct(">IBI")


class BadFrame(ValueError):
    """What came is no frame of this protocol."""


def pack(kind: int, head: dict[str, Any], bodies: Sequence[bytes] = ()) -> list[bytes]:
    """The pieces of one frame, to be sent one behind the other; bodies are not copied."""
    text = json.dumps(head, separators=(",", ":")).encode()
    size = sum(map(len, bodies))
    return [_HEAD.pack(5 + len(text) + size, kind, len(text)) + text, *bodies]


def send(connection: socket.socket, pieces: Sequence[bytes]) -> None:
    """Send a frame whole. Small ones go in one call."""
    if len(pieces) > 1 and sum(map(len, pieces)) <= 65_536:
        connection.sendall(b"".join(pieces))
        return
    for piece in pieces:
        connection.sendall(piece)


class Left:
    """A frame that may be sent in several goes: what is left of it is known at any moment."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        small = len(pieces) > 1 and sum(map(len, pieces)) <= 65_536
        self._views = [memoryview(piece) for piece in ([b"".join(pieces)] if small else pieces) if piece]

    def send(self, connection: socket.socket) -> None:
        """Send what is left. Raises OSError."""
        while self._views:
            sent = connection.send(self._views[0])
            if sent == len(self._views[0]):
                self._views.pop(0)
            else:
                self._views[0] = self._views[0][sent:]


def receive(connection: socket.socket) -> tuple[int, dict[str, Any], memoryview] | None:
    """(kind, head, the bodies as one piece), or None at the end of the stream.

    Raises:
        BadFrame: the stream breaks off inside a frame, or it is no frame.
    """
    prefix = _exactly(connection, _HEAD.size, may_end=True)
    if not prefix:
        return None
    length, kind, head_length = _HEAD.unpack(prefix)
    if not 5 <= length <= MOST or head_length > length - 5:
        raise BadFrame("not a frame: its lengths cannot be")
    rest = memoryview(_exactly(connection, length - 5))
    try:
        head = json.loads(bytes(rest[:head_length]))
    except ValueError:
        raise BadFrame("not a frame: its head is not JSON") from None
    if not isinstance(head, dict):
        raise BadFrame("not a frame: its head is not an object")
    return kind, head, rest[head_length:]


def _exactly(connection: socket.socket, size: int, *, may_end: bool = False) -> bytearray:
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
