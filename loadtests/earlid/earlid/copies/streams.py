"""A streamed body, copied while the load test reads it and handed to the search in pieces.

Nothing is read that the load test does not read. What it never reads is not searched, and that is said.
"""

import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

PIECE = 8 * 1024 * 1024  # bytes that are held; a longer body is handed over in pieces
OVERLAP = 4_096  # bytes of a piece that the next one begins with: a value may stand on the border
_EVERY_S = 1.0  # how long lines of an endless text wait
_LINES = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/stream+json")
_TEXT = ("text/", "application/json", "application/xml", *_LINES)

HandOver = Callable[[bytes, int, str], None]


class StreamCopy:
    """Hands pieces to `hand_over(piece, number, why not all was searched)`; numbers count from 1.

    A body of up to 8 MB comes as one piece at its end. Events and JSON lines come each second. Of a longer body that is
    no text only the pieces are searched, and that is said: a container that is cut cannot be opened.
    """

    def __init__(self, hand_over: HandOver, *, content_type: str = "", encoding: str = "") -> None:
        self._hand_over, self._type = hand_over, content_type.lower()
        self._held = bytearray()
        self._new = self._part = 0
        self._told = time.monotonic()
        self._decoder, self._why = _decoder(encoding)
        self._cut = self._ended = False

    def decode(self, encoding: str) -> None:
        """What follows comes in this content encoding."""
        self._decoder, self._why = _decoder(encoding)

    def take(self, data: bytes) -> None:
        """The next bytes as they came; raises nothing."""
        if self._decoder is not None:
            try:
                data = self._decoder(data)
            except Exception as error:  # whatever a library of codecs raises
                self._decoder, self._why = None, type(error).__name__
        self._held += data
        self._new += len(data)

    def pass_on(self) -> None:
        """Hand over what should not wait. May wait for the search."""
        if self._ended or not self._new:
            return
        late = self._type.startswith(_LINES) and time.monotonic() - self._told >= _EVERY_S
        if late or len(self._held) >= PIECE:
            self._cut = True
            self._send("")
            del self._held[:-OVERLAP]

    def end(self, *, whole: bool = True) -> None:
        """Hand over the rest. `whole`: the body came to its end; else the load test left it."""
        if self._ended:
            return
        self._ended = True
        why = self._why
        if self._cut and not self._type.startswith(_TEXT):
            why = why or "a long stream, searched in pieces"
        if not whole and not self._part and not self._held:
            why = why or "a stream that was never read"
        if self._new or why:
            self._send(why)
        self._held.clear()

    def _send(self, why: str) -> None:
        self._part += 1
        self._hand_over(bytes(self._held), self._part, why)
        self._new, self._told = 0, time.monotonic()


def _decoder(encoding: str) -> tuple[Callable[[bytes], bytes] | None, str]:
    """What takes a content encoding off, or why nothing does."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None, ""
    if name in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress, ""
    if name == "br":
        brotli: Any = sys.modules.get("brotli")  # comes with FastHttpUser
        if brotli is None:
            return None, "brotli is not installed"
        made: Any = brotli.Decompressor()
        return made.process, ""
    return None, f"content-encoding {name[:20]}"
