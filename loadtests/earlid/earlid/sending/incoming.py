"""What a client sends, as whole frames: for the process that receives."""

import socket
from collections.abc import Mapping
from typing import Any

from earlid.protocol import EXCHANGE, HEAD, MOST, ROWS, SHARED, BadFrame, json_head, pack
from earlid.sending.shared import SharedReader

_RECEIVED = 256 * 1024


class Incoming:
    """Reads frames of one connection as bytes, many at a time, without looking into exchanges."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held = bytearray()
        self._shared: SharedReader | None = None
        self._has_begun = connection.family != socket.AF_UNIX  # no descriptors come over another kind

    def read(self) -> list[tuple[int, int, bytes]]:
        """(kind, exchanges, frame) of what came whole since the last time; an empty list at the end of the stream.

        The kind of frames that hold exchanges is EXCHANGE. Raises OSError, and BadFrame as `receive`.
        """
        while not (found := self._taken()):
            piece = self._connection.recv(_RECEIVED) if self._has_begun else self._first()
            if not piece:
                if self._held:
                    raise BadFrame("the stream broke off inside a frame")
                return []
            self._held += piece
        return found

    def _first(self) -> bytes:
        self._has_begun = True
        piece, descriptors, _flags, _from = socket.recv_fds(self._connection, _RECEIVED, 1)
        try:
            self._shared = SharedReader(descriptors[0]) if descriptors else None
        except (OSError, ValueError):
            raise BadFrame("not a frame: what came with it is no shared memory") from None
        return piece

    def _taken(self) -> list[tuple[int, int, bytes]]:
        found: list[tuple[int, int, bytes]] = []
        held, at = self._held, 0
        while len(held) - at >= HEAD.size:
            length, kind, head_length = HEAD.unpack_from(held, at)
            if not 5 <= length <= MOST or head_length > length - 5:
                raise BadFrame("not a frame: its lengths cannot be")
            end = at + 4 + length
            if len(held) < end:
                break
            if kind == SHARED:
                if self._shared is None:
                    raise BadFrame("not a frame: no memory came with it")
            elif kind == ROWS:
                head = json_head(held[at + HEAD.size : at + HEAD.size + head_length])
                with memoryview(held)[at:end] as frame:
                    found.append((EXCHANGE, _count_of(head), self._whole(frame, head, HEAD.size + head_length)))
            else:
                found.append((kind, int(kind == EXCHANGE), bytes(held[at:end])))
            at = end
        del held[:at]
        return found

    def _whole(self, frame: memoryview, head: dict[str, Any], start: int) -> bytes:
        """A ROWS frame with all its bodies in it. Those in shared memory are copied here, and given back."""
        if "places" not in head:
            return bytes(frame)
        if self._shared is None:
            raise BadFrame("not a frame: no memory came with it")
        try:
            at = start + int(head["rows"])
            pieces: list[Any] = [frame[start:at]]
            upto = 0
            for place, size in head["places"]:
                if place < 0:
                    pieces.append(frame[at : at + size])
                    at += size
                else:
                    pieces.append(self._shared.at(place, size))
                    upto = max(upto, place + size)
            if at != len(frame):
                raise ValueError("more stands in it")
            whole = {name: head[name] for name in ("count", "rows")}
            made = b"".join(pack(ROWS, whole, pieces))
        except (KeyError, TypeError, ValueError):
            raise BadFrame("not a frame: its bodies have no places") from None
        self._shared.took(upto)
        return made


def _count_of(head: Mapping[str, Any]) -> int:
    count = head.get("count")
    if not isinstance(count, int) or count < 1:
        raise BadFrame("not a frame: it does not say how many exchanges it holds")
    return count
