"""A paho client that reads its socket in large pieces: on the way in, four calls of the system a message become few.

Each call gives other threads the interpreter; under a flood paho alone takes in fewer messages than a broker sends,
and the broker then drops whatever comes next, whoever sent it.
"""

from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode

_PIECE = 256 * 1024
_AT_ONCE = 500  # packets before writing has its turn


class BufferedClient(mqtt.Client):
    """As paho's own, over one buffer."""

    def _create_socket(self) -> Any:  # no public place to put a socket of one's own
        return _Buffered(super()._create_socket())

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read packets while any is in the buffer; paho's own reads one and asks the system again."""
        done = super().loop_read(max_packets)
        for _ in range(_AT_ONCE - 1):
            if done or not isinstance(self._sock, _Buffered) or not self._sock.held:
                return done
            done = super().loop_read(max_packets)
        return done


class _Buffered:
    """A socket whose `recv` is served from one larger `recv` before."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._piece, self._at = sock, b"", 0

    @property
    def held(self) -> int:
        return len(self._piece) - self._at

    def recv(self, size: int) -> bytes:
        if not self.held:
            self._piece, self._at = self._sock.recv(_PIECE), 0
        taken: bytes = self._piece[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def pending(self) -> int:
        """Bytes for which the system need not be asked; paho looks before it waits."""
        below = self._sock.pending() if hasattr(self._sock, "pending") else 0
        return self.held + int(below)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
