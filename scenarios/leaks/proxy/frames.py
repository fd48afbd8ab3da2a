"""Bytes that a server sends over a WebSocket -> its messages (RFC 6455, without compression)."""

from collections.abc import Iterator

MOST = 8 * 1024 * 1024  # bytes of one message
_CONTINUED, _TEXT, _BINARY, _CLOSE = 0, 1, 2, 8


class Frames:
    """Takes bytes as they come, and yields whole messages. `lost` says why it stopped reading, if it did."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._message = bytearray()
        self.lost = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self.lost:
            return
        self._bytes += data
        while (frame := self._frame()) is not None:
            final, kind, payload = frame
            if kind == _CLOSE:
                yield payload[2:]
            elif kind in (_CONTINUED, _TEXT, _BINARY):
                self._message += payload
                if final:
                    yield bytes(self._message)
                    self._message.clear()

    def _frame(self) -> tuple[bool, int, bytes] | None:
        data = self._bytes
        if len(data) < 2 or self.lost:
            return None
        length, at = data[1] & 0x7F, 2
        if length > 125:
            wide = 2 if length == 126 else 8
            if len(data) < 2 + wide:
                return None
            length, at = int.from_bytes(data[2 : 2 + wide]), 2 + wide
        if data[0] & 0x70 or data[1] & 0x80 or length + len(self._message) > MOST:
            self.lost = "a WebSocket message that is compressed, masked or too long"
            return None
        if len(data) < at + length:
            return None
        frame = bool(data[0] & 0x80), data[0] & 0x0F, bytes(data[at : at + length])
        del data[: at + length]
        return frame
