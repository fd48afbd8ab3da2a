"""Wyoming over TCP: a connection a call, as Home Assistant's voice clients make them.

An event is a line of JSON, then its data and its payload (https://github.com/OHF-Voice/wyoming, "Format").
"""

import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from simulator.links.link import Answer, LinkError
from simulator.wires.codec import Call, Message

_FORMAT = {"rate": 16_000, "width": 2, "channels": 1}
_TIMEOUT_S = 20.0
_HANG_UP = b""


class Wyoming:
    """Calls -> events. A message's topic is the session; an empty payload ends the connection."""

    carries: frozenset[str] = frozenset()

    def __init__(self, ask: Literal["transcribe", "detect", "none"] = "transcribe") -> None:
        self._ask = ask

    def started(self, call: Call) -> Sequence[Message]:
        first = [] if self._ask == "none" else [(call.session_id, event(self._ask, {}))]
        return [*first, (call.session_id, event("audio-start", {**_FORMAT, "timestamp": 0}))]

    def heard(self, call: Call, number: int, pcm: bytes) -> Sequence[Message]:
        return [(call.session_id, event("audio-chunk", {**_FORMAT, "timestamp": 80 * number}, pcm))]

    def ended(self, call: Call) -> Sequence[Message]:
        stop = event("audio-stop", {"timestamp": len(call.pcm) // 32})
        return [(call.session_id, stop), (call.session_id, _HANG_UP)]


def event(kind: str, data: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """One event's bytes."""
    head: dict[str, Any] = {"type": kind, "data": data}
    if payload:
        head["payload_length"] = len(payload)
    return json.dumps(head).encode() + b"\n" + payload


class TcpLink:
    """A connection for each topic, open until an empty payload; then the other side has `_TIMEOUT_S` to say what it
    has to say and hang up, or to send one line.

    Raises:
        LinkError: nobody listens, or the connection broke.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._at, self._name = (parts.hostname or "", parts.port or 0), f"tcp://{parts.hostname}:{parts.port}"
        self._lines: dict[str, socket.socket] = {}

    def send(self, topic: str, payload: bytes) -> None:
        try:
            if topic not in self._lines:
                self._lines[topic] = socket.create_connection(self._at, timeout=_TIMEOUT_S)
            if payload != _HANG_UP:
                self._lines[topic].sendall(payload)
                return
            with self._lines.pop(topic) as line:
                line.shutdown(socket.SHUT_WR)
                line.recv(4_096)  # an answer, or the end: then it has read everything
        except OSError as error:
            raise LinkError(f"{self._name}: {error.strerror or 'does not answer'}") from None

    def drain(self) -> list[Answer]:
        return []

    def close(self) -> None:
        for line in self._lines.values():
            line.close()
        self._lines.clear()
